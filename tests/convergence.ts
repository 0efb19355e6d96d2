/** The script for bash of `wintun help convergence`, on any machine whose adapters a command of Linux reaches. */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { CONVERGENCE_SCRIPTS } from "../src/cli/program/convergence_scripts.ts";
import { CONVERGENCE_EXAMPLE } from "../src/cli/program/topics/convergence.ts";
import { readOutput } from "./validation.ts";

/**
 * Makes the three adapters of the example, makes them again, changes one, and deletes others. The machine must have no
 * adapters, and has none afterwards.
 * @param wintun The command that runs wintun there, for the shell.
 */
export async function convergeThreeAdapters(wintun: string): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "wintun-convergence-" });
  const script = join(folder, "converge.sh");
  const file = join(folder, "adapters.json");
  const program = join(folder, "wintun");
  await Deno.writeTextFile(script, CONVERGENCE_SCRIPTS.bash);
  await Deno.writeTextFile(program, `#!/bin/sh\nexec ${wintun} "$@"\n`, { mode: 0o755 });
  const run = async (command: string, ...args: string[]): Promise<string> => {
    const env = { PATH: `${folder}:${Deno.env.get("PATH")}` };
    const { code, stdout, stderr } = await new Deno.Command(command, { args, env, stdin: "null" }).output();
    assertEquals(code, 0, `${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  };
  const converge = async (text: string): Promise<string[]> => {
    await Deno.writeTextFile(file, text);
    return (await run("bash", script, file)).trimEnd().split("\n");
  };
  try {
    await run(program, "create", "left over");
    const example = CONVERGENCE_EXAMPLE.join("\n");
    assertEquals(await converge(example), [
      "lab: created",
      "office: created",
      "site 2: created",
      "left over: deleted",
    ]);
    assertEquals(await converge(example), ["Nothing changed."]);
    assertEquals(await converge(example.replace('"mtu": 1400', '"mtu": 1500')), ["lab: changed"]);
    const { adapters } = readOutput("list", await run(program, "list", "--json"));
    assertEquals(
      adapters.map(({ name, mtu, addresses }: Record<string, unknown>) => [name, mtu, addresses]),
      [
        ["lab", 1500, ["10.77.0.1/24", "fd77::1/64"]],
        ["office", 65535, ["10.80.0.1/24"]],
        ["site 2", 65535, ["10.81.0.1/24"]],
      ],
    );
    assertEquals(await converge('{"deleteOthers": true, "adapters": []}'), [
      "lab: deleted",
      "office: deleted",
      "site 2: deleted",
    ]);
    assertEquals(await converge('{"adapters": []}'), ["Nothing changed."]);
  } finally {
    await run(program, "delete", "--all");
    await Deno.remove(folder, { recursive: true });
  }
}
