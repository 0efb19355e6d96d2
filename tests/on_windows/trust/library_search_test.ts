import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { folderTest, signedBytes } from "./attacks.ts";

const moduleOf = (name: string): string =>
  JSON.stringify(new URL(`../../../src/windows/${name}.ts`, import.meta.url).href);

/** Opens advapi32.dll. */
const OPEN_ONE =
  `new SystemLibraries().bind("advapi32", { RevertToSelf: { parameters: [], result: "i32" } }).RevertToSelf();`;

/** Whether another process, with `folder` as its current one, can load planted.dll by its name alone. */
async function loadsByName(folder: string, before: string): Promise<string> {
  const script = `
    import { SystemLibraries } from ${moduleOf("system_libraries")};
    ${before}
    try {
      Deno.dlopen("planted.dll", {});
      console.log("loaded");
    } catch {
      console.log("refused");
    }`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    cwd: folder,
    stdin: "null",
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

folderTest(
  "what a DLL needs is not looked for in the current folder once a DLL of Windows is opened",
  async (folder) => {
    Deno.writeFileSync(join(folder, "planted.dll"), signedBytes());
    assertEquals(await loadsByName(folder, ""), "loaded", "the attack works");
    assertEquals(await loadsByName(folder, OPEN_ONE), "refused");
  },
);
