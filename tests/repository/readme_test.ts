import { assertEquals } from "@std/assert";
import { EXIT_MEANINGS } from "../../src/cli/process/exit_codes.ts";

Deno.test("README lists the exit codes in the words of wintun help", () => {
  const readme = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));
  const rows = Array.from(
    readme.matchAll(/^\| (\d+) +\| (.*?) +\|$/gm),
    ([, code, meaning]) => [code, meaning],
  );
  assertEquals(Object.fromEntries(rows), EXIT_MEANINGS as Record<string, string>);
});
