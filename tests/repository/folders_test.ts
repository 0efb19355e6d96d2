import { assertEquals } from "@std/assert";

/** Folders of `tests/` that test a folder of `src/` of the same name. The others test something that is not there alone. */
const MIRRORS = ["wire", "windows", "wintun", "tun", "echo", "keeper", "cli"];

/** All folders below `url`, as paths below it. */
function folders(url: URL): string[] {
  return [...Deno.readDirSync(url)].filter(({ isDirectory }) => isDirectory).flatMap((
    { name },
  ) => [name, ...folders(new URL(`${name}/`, url)).map((below) => `${name}/${below}`)]);
}

Deno.test("every folder of tests that mirrors src has its like there", () => {
  const source = new Set(folders(new URL("../../src/", import.meta.url)));
  const tests = folders(new URL("../", import.meta.url)).filter((path) =>
    MIRRORS.includes(path.split("/")[0])
  );
  assertEquals(tests.filter((path) => !source.has(path)), []);
  assertEquals(MIRRORS.filter((name) => !tests.includes(name)), []);
});
