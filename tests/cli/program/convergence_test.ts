/** The scripts of `wintun help convergence`: that they are printed, agree with each other, and know what the file has. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { CONVERGENCE_SCRIPTS } from "../../../src/cli/program/convergence_scripts.ts";
import { CONVERGENCE_EXAMPLE } from "../../../src/cli/program/topics/convergence.ts";
import { fromFileUrl } from "@std/path";
import { convergeThreeAdapters } from "../../convergence.ts";
import { machineTest } from "../machine.ts";
import { fileMachineTest } from "../../file_machine.ts";

const MAIN = fromFileUrl(new URL("../../../src/main.ts", import.meta.url));

/** The commands of wintun in a script, with a dot for each variable. */
function commandsOf(script: string): string[] {
  const lines = script.split("\n").filter((line) => !line.startsWith("#"));
  return lines.flatMap((line) => {
    const [, command] = /(?:Invoke-Wintun|\$\(wintun) ((?:create|list|delete|set)\b[^)]*)/.exec(line) ?? [];
    const words = command?.replaceAll('"', "").split(" ").filter((word) => word !== "--json");
    return words === undefined ? [] : [words.map((word) => /^[$@]/.test(word) ? "." : word).join(" ")];
  });
}

Deno.test("the convergence scripts are ASCII, as Windows PowerShell reads a file without a mark", () => {
  for (const script of Object.values(CONVERGENCE_SCRIPTS)) assertMatch(script, /^[\n -~]+$/);
});

Deno.test("both convergence scripts run the same commands", () => {
  const { powershell, bash } = CONVERGENCE_SCRIPTS;
  assertEquals(commandsOf(bash), ["list --owner ours", "delete .", "create . --if-not-exists ."]);
  assertEquals(commandsOf(powershell), commandsOf(bash));
});

Deno.test("no convergence script takes a text in deleteOthers for true", () => {
  const { powershell, bash } = CONVERGENCE_SCRIPTS;
  assertStringIncludes(powershell, "if ($file.deleteOthers -is [bool] -and $file.deleteOthers)");
  assertStringIncludes(bash, `if [[ $(read_json '.deleteOthers == true' "$file") == true ]]`);
});

machineTest("wintun help convergence SHELL prints the script, with --json as one object", async (machine) => {
  for (const [shell, script] of Object.entries(CONVERGENCE_SCRIPTS)) {
    assertEquals(await machine.run("help", "convergence", shell), 0);
    assertEquals(machine.environment.stdout.text, script);
    assertEquals((await machine.ask("help", "convergence", shell)).script, script.trimEnd());
  }
  assertEquals(await machine.run("help", "convergence", "bsh"), 2);
  assertStringIncludes(machine.environment.stderr.text, "Did you mean bash?");
});

Deno.test("in the example of wintun help convergence each member of an adapter is an option of create", () => {
  const { adapters } = JSON.parse(CONVERGENCE_EXAMPLE.join("\n"));
  assertEquals(adapters.length, 3);
  const { options } = COMMANDS.find(({ name }) => name === "create")!;
  for (const adapter of adapters) {
    for (const member of Object.keys(adapter)) assert(member === "name" || member in options, member);
  }
});

/** The unit tests need nothing but Node. .ci/run brings jq, and so this runs there. */
async function hasJq(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  return await new Deno.Command("jq", { args: ["--version"], stdout: "null" }).output()
    .then(({ success }) => success, () => false);
}

fileMachineTest({
  name: "the convergence script for bash works on a simulated machine, on Linux with jq",
  ignore: !await hasJq(),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "wintun-machine-" });
    const machine = `env "WINTUN_SIMULATE=${folder}/machine.json"`;
    await convergeThreeAdapters(`${machine} "${Deno.execPath()}" run -A --no-check "${MAIN}"`);
    await Deno.remove(folder, { recursive: true });
  },
});
