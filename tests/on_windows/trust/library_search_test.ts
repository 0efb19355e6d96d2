import { assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { folderTest, signedBytes } from "./attacks.ts";

const moduleOf = (path: string): string =>
  JSON.stringify(new URL(`../../../src/${path}.ts`, import.meta.url).href);

const CONFIG = fromFileUrl(new URL("../../../deno.json", import.meta.url));

/** Opens advapi32.dll. */
const OPEN_ONE = `new SystemLibraries().bind(
    systemFunctions("advapi32", { RevertToSelf: { parameters: [], result: "i32" } }),
  ).RevertToSelf();`;

/** Runs a command that needs no DLL. */
const RUN_ONE = `
    const { main } = await import(${moduleOf("main")});
    const { processEnvironment } = await import(${moduleOf("cli/process/environment")});
    const environment = processEnvironment();
    const stdout = { ...environment.stdout, write: () => {} };
    await main(["version"], { ...environment, stdout });`;

/** Whether another process, with `folder` as its current one, can load planted.dll by its name alone. */
async function loadsByName(folder: string, before: string): Promise<string> {
  const script = `
    import { systemFunctions } from ${moduleOf("windows/system_functions")};
    import { SystemLibraries } from ${moduleOf("windows/system_libraries")};
    ${before}
    try {
      Deno.dlopen("planted.dll", {});
      console.log("loaded");
    } catch {
      console.log("refused");
    }`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", `--config=${CONFIG}`, script],
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

folderTest("nor is it once the program runs a command, whichever", async (folder) => {
  Deno.writeFileSync(join(folder, "planted.dll"), signedBytes());
  assertEquals(await loadsByName(folder, RUN_ONE), "refused");
});
