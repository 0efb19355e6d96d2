import { assert, assertEquals } from "@std/assert";
import { DENO_VERSION, DENO_VERSION_WINDOWS } from "../deno_versions.ts";

const root = new URL("../../", import.meta.url);
const textOf = (path: string): string => Deno.readTextFileSync(new URL(path, root));
const namesIn = (folder: string): string[] =>
  [...Deno.readDirSync(new URL(folder, root))].filter(({ isFile }) => isFile).map(({ name }) =>
    folder + name
  );

const WORKFLOWS = namesIn(".github/workflows/");

/** What a text puts behind `deno@` in its commands. */
const versionsIn = (text: string): string[] =>
  Array.from(text.matchAll(/\bdeno@([\w.$]+)/g), ([, version]) => version);

Deno.test("README and the guides run the version of Deno that .ci/deno.env names", () => {
  const guides = ["README.md", ...namesIn(".github/")];
  for (const path of guides) {
    const others = versionsIn(textOf(path)).filter((version) => version !== DENO_VERSION);
    assertEquals(others, [], path);
  }
  assert(versionsIn(textOf("README.md")).length > 0, "README runs no Deno");
});

Deno.test("workflows and .ci/run read the version of Deno from .ci/deno.env", () => {
  for (const path of [".ci/run", ...WORKFLOWS]) {
    const literal = versionsIn(textOf(path)).filter((version) =>
      !/^\$DENO_VERSION(_WINDOWS|_COMPILING)?$/.test(version)
    );
    assertEquals(literal, [], path);
  }
});

Deno.test("the Deno of the Windows tests is of the same series as the other, and no newer", () => {
  const [series, patch] = [/^\d+\.\d+/, (version: string): number => Number(version.split(".")[2])];
  assertEquals(series.exec(DENO_VERSION_WINDOWS)![0], series.exec(DENO_VERSION)![0]);
  assert(patch(DENO_VERSION_WINDOWS) <= patch(DENO_VERSION));
});

Deno.test("workflows name every action by its commit, which nobody can move", () => {
  for (const path of WORKFLOWS) {
    const actions = Array.from(textOf(path).matchAll(/\buses: *(.*)$/gm), ([, action]) => action);
    const movable = actions.filter((action) => !/^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action));
    assertEquals(movable, [], path);
  }
});
