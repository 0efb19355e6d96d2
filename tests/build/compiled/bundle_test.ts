import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { Bundle } from "../../../.build/bundle.ts";
import { deno } from "../../../.build/deno.ts";

const PROJECT = fromFileUrl(new URL("../../../", import.meta.url));

Deno.test("a bundle is made of the program's own sources and of those of @std", async () => {
  await using bundle = await Bundle.make(PROJECT, "src/main.ts");
  const others = bundle.sources.filter((source) =>
    !/^\.\.\/[^.].*\.ts$|\/deno-std\/|\/vendor\//.test(source)
  );
  assertEquals(others, ["../../deno.json"]);
});

Deno.test("a stack trace in a bundled program names the line of the source", async () => {
  await using bundle = await Bundle.make(PROJECT, "tests/build/compiled/failing.ts");
  const { stdout, stderr } = await deno(["run", "--no-config", "--no-lock", bundle.main], bundle.root);
  assertEquals(stderr, "");
  assertMatch(stdout, /on line 5\n +at .*\/tests\/build\/compiled\/failing\.ts:5:/);
});

Deno.test("a bundled program disposes of what it declares with using and uses once", async () => {
  await using bundle = await Bundle.make(PROJECT, "tests/build/compiled/disposing.ts");
  const { stdout, stderr } = await deno(["run", "--no-config", "--no-lock", bundle.main], bundle.root);
  assertEquals([stdout, stderr], ["used\ndisposed of\nleft\n", ""]);
});
