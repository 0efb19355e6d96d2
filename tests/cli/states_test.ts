/** Every command on an adapter in the states that a simulated machine has, or that its list can be given. */

import { assert, assertEquals } from "@std/assert";
import type { AdapterInfo } from "../../src/tun/host.ts";
import { type Cell, cellsOf, type CommandName, COMMANDS, effectOf, type State } from "../states.ts";
import { Machine, machineTest, other } from "./machine.ts";

const NAME = "lab";
const ADDRESS = "10.79.0.1/24";
const OTHER_ADDRESS = "10.78.0.1/24";

/** Brings the machine's adapter into a state, and returns how to end what that has started. */
type SetUp = (machine: Machine) => Promise<() => Promise<void>>;

const nothing = (): Promise<void> => Promise.resolve();

/** States that the simulated machine has by itself: each command is real there. */
const SIMULATED: Partial<Record<State, SetUp>> = {
  "absent": () => Promise.resolve(nothing),
  "kept": async (machine) => {
    await machine.ask("create", NAME, "--address", ADDRESS);
    return nothing;
  },
  "persistent": async (machine) => {
    await machine.ask("create", NAME, "--address", ADDRESS, "--persistent");
    return nothing;
  },
  "kept and served": async (machine) => {
    await machine.ask("create", NAME, "--address", ADDRESS);
    return await serve(machine, NAME);
  },
  "made by serve": (machine) => serve(machine, NAME, "--address", ADDRESS),
};

/**
 * Adapters that are only listed. create and serve would make one beside them, so they are left out, and so is what needs a
 * session of another program, or a process that hangs.
 */
const LISTED: Partial<Record<State, Partial<AdapterInfo>>> = {
  "starting": { state: "starting", owner: { pid: 4711, ours: true, role: "keeper" } },
  "stopped": { state: "stopped", owner: { ours: true, role: "keeper" }, persistent: true },
  "another program's, up": { state: "up" },
  "another program's, down": { state: "down" },
  "orphaned": { state: "orphaned" },
  "not Wintun's": { state: "foreign" },
};
const ON_LISTED: readonly CommandName[] = [
  "set",
  "set --force",
  "set --name",
  "delete",
  "delete --force",
  "list",
];

async function serve(machine: Machine, ...args: string[]): Promise<() => Promise<void>> {
  const ended = machine.run("serve", ...args, "--json");
  const { environment } = machine;
  await environment.stdout.written(/"ready"/);
  return async () => {
    environment.signal("SIGINT");
    await ended;
  };
}

async function look(machine: Machine): Promise<AdapterInfo | undefined> {
  const listed = machine.others.find(({ name }) => name === NAME);
  // The list does not change with the settings of what is only listed.
  const mtu = machine.configured.length;
  return listed === undefined ? await machine.host.find(NAME) : { ...listed, mtu };
}

/** Runs the command, and returns its exit code and effect. */
async function tryCommand(machine: Machine, command: CommandName): Promise<Cell> {
  const before = await look(machine);
  const code = await machine.run(...COMMANDS[command](NAME, OTHER_ADDRESS));
  return `${code} ${effectOf(before, await look(machine))}`;
}

for (const [state, setUp] of Object.entries(SIMULATED)) {
  for (const [command, cell] of cellsOf(state as State)) {
    machineTest(`${command} of an adapter that is ${state} gives ${cell}`, async (machine) => {
      const end = await setUp(machine);
      assertEquals(await tryCommand(machine, command), cell);
      await end();
    });
  }
}

for (const [state, changes] of Object.entries(LISTED)) {
  for (const [command, cell] of cellsOf(state as State)) {
    if (!ON_LISTED.includes(command) || isUnlisted(state, command)) continue;
    machineTest(
      `${command} of an adapter that is ${state} and only listed gives ${cell}`,
      async (machine) => {
        machine.others = [other({ name: NAME, ...changes })];
        assertEquals(await tryCommand(machine, command), cell);
      },
    );
  }
}

/** A machine lists none of the network adapters that are not tunnels. This list shows what it is given. */
function isUnlisted(state: string, command: CommandName): boolean {
  return state === "not Wintun's" && command === "list";
}

/** What each line of the table in help is about. */
const LINES: Readonly<Record<string, State>> = {
  "is not there": "absent",
  "a service holds": "kept",
  "a service holds, being served": "kept and served",
  "a wintun serve made": "made by serve",
  "is starting": "starting",
  "is stopped": "stopped",
  "is lost, its service hangs": "lost",
  "another program made": "another program's, down",
  "the same, being served": "another program's, up",
  "is orphaned": "orphaned",
  "is legacy": "legacy",
  "is not Wintun's": "not Wintun's",
};
/** What the notes of that table say that a command needs for exit code 0. */
const NOTES: Readonly<Record<string, string>> = {
  "(1)": "--address",
  "(2)": "--if-not-exists",
  "(3)": "--force",
};

Deno.test("wintun help adapters shows the exit codes of the table, on lines of at most 79 columns", async () => {
  const machine = new Machine();
  await machine.run("help", "adapters");
  const { lines } = machine.environment.stdout;
  const heading = lines.find((line) => /create +set +serve +delete +stop/.test(line))!;
  const commands = heading.trim().split(/ +/) as CommandName[];
  for (const [title, state] of Object.entries(LINES)) {
    const line = lines.find((one) => one.startsWith(`  ${title.padEnd(29)} `))!;
    assert(line.length < 80);
    const cells = Object.fromEntries(cellsOf(state)) as Partial<Record<string, Cell>>;
    for (const [index, command] of commands.entries()) {
      const from = heading.indexOf(command);
      const next = commands[index + 1];
      const [code, note] = line.slice(from, next && heading.indexOf(next)).trim().split(" ");
      assertEquals(code, codeOf(cells[command]), `${command} of an adapter that ${title}`);
      for (const [mark, option] of Object.entries(NOTES)) {
        const withOption = cells[`${command} ${option}`];
        const differs = withOption !== undefined && codeOf(withOption) === "0" && code !== "0";
        assertEquals(note === mark, differs, `${command} ${option} of an adapter that ${title}`);
      }
    }
  }
});

function codeOf(cell: Cell | undefined): string | undefined {
  return cell?.split(" ")[0];
}
