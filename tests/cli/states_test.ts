/** Every command on an adapter in every state, on a simulated machine. */

import { assert, assertEquals } from "@std/assert";
import type { AdapterInfo } from "../../src/tun/adapter_info.ts";
import { infoOf } from "../../src/tun/simulated/adapter_info.ts";
import { SimulatedHost } from "../../src/tun/simulated/host.ts";
import { simulatedGuid } from "../../src/tun/simulated/naming.ts";
import { MemoryMachine } from "../../src/tun/simulated/memory.ts";
import { isMeant } from "../../src/tun/adapter_name.ts";
import { type Cell, cellsOf, type CommandName, COMMANDS, effectOf, type State, STATES } from "../states.ts";
import { FakeEnvironment } from "./fake_environment.ts";
import { main } from "./validated_main.ts";

const NAME = "lab";
const ADDRESS = "10.79.0.1/24";
const OTHER_ADDRESS = "10.78.0.1/24";
/** The time that a millisecond of waiting takes on the machine's clock: services that hang are given up soon. */
const HASTE = 200;

/** How to bring an adapter into each state, by commands that are run to their end, and by one that goes on. */
const SET_UPS: Readonly<Record<State, SetUp>> = {
  "absent": {},
  "kept": { by: [["create", NAME, "--address", ADDRESS]] },
  "persistent": { by: [["create", NAME, "--address", ADDRESS, "--persistent"]] },
  "kept and served": { by: [["create", NAME, "--address", ADDRESS]], serve: ["serve", NAME] },
  "made by serve": { serve: ["serve", NAME, "--address", ADDRESS] },
  "starting": { by: [["simulate", "starting", NAME]] },
  "stopped": { by: [["create", NAME, "--persistent"], ["simulate", "stopped", NAME]] },
  "lost": { by: [["create", NAME, "--address", ADDRESS], ["simulate", "lost", NAME]] },
  "renamed": { by: [["create", "old", "--address", ADDRESS], ["simulate", "rename", "old", NAME]] },
  "renamed, by its old name": {
    by: [["create", NAME, "--address", ADDRESS], ["simulate", "rename", NAME, "new"]],
  },
  "another program's, up": { by: [["simulate", "other-up", NAME]] },
  "another program's, down": { by: [["simulate", "other", NAME]] },
  "orphaned": { by: [["simulate", "orphaned", NAME]] },
  "legacy": { by: [["simulate", "legacy", NAME]], nameToMake: "beside legacy" },
  "not Wintun's": { by: [["simulate", "ethernet", NAME]] },
};

interface SetUp {
  readonly by?: readonly (readonly string[])[];
  readonly serve?: readonly string[];
  /** What create and serve call it, if that is another name. */
  readonly nameToMake?: string;
}

/** A simulated machine that several commands use, each with a host of its own, as processes do. */
class SharedMachine {
  readonly memory = new MemoryMachine();

  /** Starts a command. The environment is what it writes to. */
  start(args: readonly string[]): { readonly code: Promise<number>; readonly environment: FakeEnvironment } {
    const environment = new FakeEnvironment();
    const now = (): number => performance.now() * HASTE;
    environment.openSimulatedHost = (_place, options) =>
      new SimulatedHost({ ...options, storage: this.memory.open(), now });
    return { code: main([...args, "--simulate", "--json"], environment), environment };
  }

  async must(args: readonly string[]): Promise<void> {
    const { code, environment } = this.start(args);
    assertEquals([await code, environment.stderr.text], [0, ""], args.join(" "));
  }

  /** The adapter as the machine has it. That of a service that does not run has the settings of its order. */
  look(name: string): AdapterInfo | undefined {
    const { adapters } = this.memory.open().read();
    const found = adapters.find((one) => isMeant(one, name)) ??
      adapters.find((one) => one.createdAs === name);
    return found && { ...infoOf(found), type: JSON.stringify(found.settings) };
  }
}

async function tryCommand(state: State, command: CommandName): Promise<Cell> {
  const { by = [], serve, nameToMake = NAME }: SetUp = SET_UPS[state];
  const machine = new SharedMachine();
  for (const args of by) await machine.must(args);
  const serving = serve && machine.start(serve);
  await serving?.environment.stdout.written(/"ready"/);
  const before = machine.look(NAME);
  const name = /^(create|serve)/.test(command) ? nameToMake : NAME;
  const code = await machine.start(COMMANDS[command](name, OTHER_ADDRESS)).code;
  const effect = effectOf(before, machine.look(NAME));
  serving?.environment.signal("SIGINT");
  await serving?.code;
  return `${code} ${effect}`;
}

for (const state of Object.keys(STATES) as State[]) {
  for (const [command, cell] of cellsOf(state)) {
    Deno.test(`${command} of an adapter that is ${state} gives ${cell}`, async () => {
      assertEquals(await tryCommand(state, command), cell);
    });
  }
}

Deno.test("an orphaned device has the GUID that create gives an adapter of its name", async () => {
  const machine = new SharedMachine();
  await machine.must(["simulate", "orphaned", NAME]);
  assertEquals(machine.look(NAME)?.guid, await simulatedGuid(NAME));
});

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
  const environment = new FakeEnvironment();
  await main(["help", "adapters"], environment);
  const { lines } = environment.stdout;
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
