import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { folderTest, signedBytes, system } from "./attacks.ts";

const module = new URL("../../../src/windows/library_search.ts", import.meta.url).href;

/** Whether another process, with `folder` as its current one, can load planted.dll by its name alone. */
async function loadsByName(folder: string, before: string): Promise<string> {
  const script = `
    import { searchSystemFolderOnly } from ${JSON.stringify(module)};
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
  "what a DLL needs is not looked for in the current folder once a wintun.dll is loaded",
  async (folder) => {
    Deno.writeFileSync(join(folder, "planted.dll"), signedBytes());
    assertEquals(await loadsByName(folder, "searchSystemFolderOnly;"), "loaded", "the attack works");
    const call = `searchSystemFolderOnly(${JSON.stringify(system.paths.kernel32)});`;
    assertEquals(await loadsByName(folder, call), "refused");
  },
);
