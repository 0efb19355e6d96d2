import { assertEquals, assertMatch } from "@std/assert";
import { dirname, fromFileUrl, join } from "@std/path";
import { Bundle, WORKERS } from "../../../.build/bundle.ts";
import { deno } from "../../../.build/deno.ts";

const PROJECT = fromFileUrl(new URL("../../../", import.meta.url));

Deno.test("the bundles of the program", async (test) => {
  await using bundle = await Bundle.make(PROJECT, "src/main.ts");
  const paths = [bundle.main, ...bundle.others];

  await test.step("are made of its own sources and of those of @std", () => {
    const others = bundle.sources.filter((source) =>
      !/^\.\.\/[^.].*\.ts$|^npm\/deno-std\/|\/vendor\//.test(source)
    );
    assertEquals(others, ["../../deno.json"]);
  });

  await test.step("import each other only, and every file that they name is embedded", async () => {
    const embedded = new Set([
      ...paths.map((path) => join(path)),
      "src/schemas/",
      "vendor/wintun/wintun-amd64.dll",
    ]);
    const named: string[] = [];
    for (const path of paths.filter((path) => path.endsWith(".js"))) {
      const info = await deno(["info", "--json", "--no-config", "--no-lock", path], bundle.root);
      const { modules } = JSON.parse(info.stdout);
      const imported = modules.map(({ specifier }: { specifier: string }) =>
        fromFileUrl(specifier).slice(bundle.root.length + 1)
      );
      assertEquals(imported.filter((file: string) => !embedded.has(file)), [], path);
      const text = await Deno.readTextFile(join(bundle.root, path));
      const urls = [...text.matchAll(/new URL\(["`]([^"`]+)["`], import\.meta\.url\)/g)];
      assertEquals(urls.length, text.split("import.meta.url").length - 1, path);
      named.push(...urls.map(([, file]) => join(dirname(path), file.replace("${architecture}", "amd64"))));
    }
    assertEquals(named.filter((file) => !embedded.has(file)), []);
    assertEquals(named.length, WORKERS.length + 2);
  });

  await test.step("have help in a file that only a run which shows it reads", async () => {
    const withHelp: string[] = [];
    for (const path of paths.filter((path) => path.endsWith(".js"))) {
      const text = await Deno.readTextFile(join(bundle.root, path));
      if (text.includes("// src/cli/program/help.ts\n")) withHelp.push(path);
    }
    assertEquals(withHelp, ["src/bundle/on_demand.js"]);
  });

  await test.step("are ASCII, of which V8 keeps a byte for each character, and not two", async () => {
    for (const path of paths.filter((path) => path.endsWith(".js"))) {
      const [other] = /\P{ASCII}.*/u.exec(await Deno.readTextFile(join(bundle.root, path))) ?? [];
      assertEquals(other, undefined, path);
    }
  });

  await test.step("do not depend on the registry that their packages come from", async () => {
    for (const path of paths.filter((path) => /\.(js|map)$/.test(path))) {
      assertEquals((await Deno.readTextFile(join(bundle.root, path))).includes("deno/npm/"), false, path);
    }
  });
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
