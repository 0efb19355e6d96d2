import { assertEquals, assertStringIncludes } from "@std/assert";
import { EXIT_MEANINGS } from "../../src/cli/process/exit_codes.ts";
import { DNS_SINCE } from "../../src/windows/network/dns.ts";
import { OLDEST_WINDOWS } from "../../src/windows/system_functions.ts";

const readme = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));

Deno.test("README names the oldest Windows, and the one that settings need, as the program does", () => {
  const text = readme.replace(/\s+/g, " ");
  assertStringIncludes(text, `wintun needs ${OLDEST_WINDOWS} or later`);
  assertStringIncludes(text, `\`--dns\` needs ${DNS_SINCE}`);
});

Deno.test("README lists the exit codes in the words of wintun help", () => {
  const rows = Array.from(
    readme.matchAll(/^\| (\d+) +\| (.*?) +\|$/gm),
    ([, code, meaning]) => [code, meaning],
  );
  assertEquals(Object.fromEntries(rows), EXIT_MEANINGS as Record<string, string>);
});
