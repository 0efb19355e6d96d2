/** The script for bash of `wintun help convergence`, on any machine whose adapters a command of Linux reaches. */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { CONVERGENCE_SCRIPTS } from "../src/cli/program/convergence_scripts.ts";
import { CONVERGENCE_EXAMPLE } from "../src/cli/program/topics/convergence.ts";
import { readOutput } from "./validation.ts";

/** How a process ended, and what it wrote. */
interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Makes the three adapters of the example, makes them again, changes one, and deletes others, of which one has an address of
 * the file. Between that it shows that a file which cannot be followed ends the script with an error. The machine must have no
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
  const start = async (command: string, ...args: string[]): Promise<Ended> => {
    const env = { PATH: `${folder}:${Deno.env.get("PATH")}` };
    const { code, stdout, stderr } = await new Deno.Command(command, { args, env, stdin: "null" }).output();
    return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
  };
  const run = async (command: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await start(command, ...args);
    assertEquals(code, 0, `${command} ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  const converge = async (text: string): Promise<string[]> => {
    await Deno.writeTextFile(file, text);
    return (await run("bash", script, file)).trimEnd().split("\n");
  };
  /** Returns how the script ends for a file that it cannot follow, with the last line that it writes to stderr. */
  const fail = async (text: string): Promise<readonly [code: number, said: string]> => {
    await Deno.writeTextFile(file, text);
    const { code, stderr } = await start("bash", script, file);
    return [code, stderr.trimEnd().split("\n").at(-1)!];
  };
  try {
    await run(program, "create", "left over", "--address", "10.80.0.1/24");
    const example = CONVERGENCE_EXAMPLE.join("\n");
    assertEquals(await converge(example), [
      "left over: deleted",
      "lab: created",
      "office: created",
      "site 2: created",
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
    assertEquals(await fail(example.replace("10.80.0.1/24", "10.80.0.1")), [
      2,
      "office: wintun ended with exit code 2.",
    ]);
    for (const text of ['{"deleteOthers": true}', '{"deleteOthers": true, "adapters": {}}']) {
      assertMatch(`${await fail(text)}`, /^[1-9].*there is no list of adapters$/);
    }
    assertMatch(
      `${await fail('{"deleteOthers": true, "adapters": [{"mtu": 1400}]}')}`,
      /^[1-9].*an adapter has no name$/,
    );
    assertEquals(await converge('{"deleteOthers": "true", "adapters": []}'), ["Nothing changed."]);
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
