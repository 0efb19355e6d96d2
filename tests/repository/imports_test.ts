import { assertEquals } from "@std/assert";
import { importFaults, importsOf, readImports } from "./imports.ts";

/** Imports as `"a b c"`: file a imports b and c, which may be named there alone. */
function graph(...lines: readonly string[]): Map<string, string[]> {
  const imports = new Map<string, string[]>();
  for (const [file, ...imported] of lines.map((line) => line.split(" "))) {
    for (const one of imported) if (!imports.has(one)) imports.set(one, []);
    imports.set(file, imported);
  }
  return imports;
}

Deno.test("imports in src/ run down the floors and form no circle", () => {
  assertEquals(importFaults(readImports(new URL("../../src/", import.meta.url))), []);
});

Deno.test("importsOf() finds every form of an import", () => {
  const text = `
    import a, { b } from "./a.ts";
    import type { B } from "../b.ts";
    import "./c.ts";
    import {
      d,
    } from "./d/d.ts";
    export { e } from "./e.ts";
    export * from "./f.ts";
    type G = import("./g.ts").G;
    const h = await import("../../h.ts");
    const worker = new Worker(new URL("./i.ts", import.meta.url), { type: "module" });
    import { again } from "./a.ts";
    import { assert } from "@std/assert";
    import json from "../../../deno.json" with { type: "json" };
  `;
  assertEquals(importsOf("cli/serve/run.ts", text), [
    "cli/serve/a.ts",
    "cli/b.ts",
    "cli/serve/c.ts",
    "cli/serve/d/d.ts",
    "cli/serve/e.ts",
    "cli/serve/f.ts",
    "cli/serve/g.ts",
    "h.ts",
    "cli/serve/i.ts",
  ]);
});

Deno.test("importsOf() reads no comments, and no strings as the beginning of one", () => {
  const text = `
    /** See {@link import("./a.ts").a}. */
    // import { b } from "./b.ts";
    const files = ["src/**/*.ts"];
    import { c } from "./c.ts";
    const more = "*/";
  `;
  assertEquals(importsOf("main.ts", text), ["c.ts"]);
});

Deno.test("imports from the own floor and from lower ones are as they should be", () => {
  assertEquals(
    importFaults(graph("main.ts cli/a.ts", "cli/a.ts cli/b.ts wire/c.ts", "wire/c.ts wire/d.ts")),
    [],
  );
});

Deno.test("an import from a higher floor is a fault", () => {
  assertEquals(importFaults(graph("windows/a.ts wintun/b.ts", "wire/c.ts main.ts")), [
    "windows/a.ts imports wintun/b.ts from a higher floor",
    "wire/c.ts imports main.ts from a higher floor",
  ]);
});

Deno.test("a file on no floor, and an import of one that is not there, are faults", () => {
  const outside = importsOf("wire/a.ts", `import "../../tests/b.ts";`);
  assertEquals(importFaults(new Map([["utils.ts", []], ["wire/a.ts", ["wire/b.ts", ...outside]]])), [
    "wire/a.ts imports wire/b.ts, which is not there",
    "wire/a.ts imports file:///outside/outside/outside/tests/b.ts, which is not there",
    "utils.ts lies on no floor",
  ]);
});

Deno.test("files that import each other are a fault, in a circle of any length", () => {
  assertEquals(importFaults(graph("cli/a.ts cli/b.ts", "cli/b.ts cli/a.ts")), [
    "files form a circle: cli/a.ts -> cli/b.ts -> cli/a.ts",
  ]);
  assertEquals(importFaults(graph("tun/c.ts tun/a.ts", "tun/a.ts tun/b.ts", "tun/b.ts wire/d.ts tun/c.ts")), [
    "files form a circle: tun/a.ts -> tun/b.ts -> tun/c.ts -> tun/a.ts",
  ]);
  assertEquals(importFaults(graph("cli/a.ts cli/a.ts")), ["files form a circle: cli/a.ts -> cli/a.ts"]);
});

Deno.test("two ways to the same file are no circle", () => {
  assertEquals(
    importFaults(graph("cli/a.ts cli/b.ts cli/c.ts", "cli/b.ts cli/d.ts", "cli/c.ts cli/d.ts")),
    [],
  );
});

Deno.test("sibling folders that import each other are a fault, though no file does", () => {
  assertEquals(importFaults(graph("cli/x/a.ts cli/y/b.ts", "cli/y/c.ts cli/x/d.ts")), [
    "folders form a circle: cli/x -> cli/y -> cli/x (cli/x/a.ts -> cli/y/b.ts, cli/y/c.ts -> cli/x/d.ts)",
  ]);
});

Deno.test("a circle of three sibling folders is a fault, also when the files lie deeper", () => {
  assertEquals(
    importFaults(graph("cli/x/deep/a.ts cli/y/b.ts", "cli/y/c.ts cli/z/d.ts", "cli/z/e.ts cli/x/f.ts")),
    [
      "folders form a circle: cli/x -> cli/y -> cli/z -> cli/x " +
      "(cli/x/deep/a.ts -> cli/y/b.ts, cli/y/c.ts -> cli/z/d.ts, cli/z/e.ts -> cli/x/f.ts)",
    ],
  );
});

Deno.test("a folder and its own subfolder may import each other", () => {
  assertEquals(importFaults(graph("cli/a.ts cli/x/b.ts", "cli/x/c.ts cli/d.ts")), []);
});

Deno.test("tests run commands through validated_main.ts, which validates their JSON", () => {
  const tests = new URL("../", import.meta.url);
  const direct = [...readImports(tests).keys()].filter((path) =>
    /^import .* from "[./]*\/src\/main\.ts";$/m.test(Deno.readTextFileSync(new URL(path, tests)))
  );
  // The others are programs of their own: whoever starts them validates what they write.
  assertEquals(direct.sort(), [
    "build/compiled/emulated.ts",
    "cli/validated_main.ts",
    "e2e/faulty_cli.ts",
    "emulator/cli.ts",
  ]);
});
