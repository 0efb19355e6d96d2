import { adapterRemoved } from "../../tun/host_error.ts";
import { infoOf } from "../../tun/simulated/adapter_info.ts";
import type { SimulatedHost } from "../../tun/simulated/host.ts";
import { simulatedGuid } from "../../tun/simulated/naming.ts";
import { type Machine, type MachineAdapter, newMachine } from "../../tun/simulated/machine.ts";
import { restart } from "../../tun/simulated/services.ts";
import {
  bringInto,
  removeAsOthersDo,
  renameAsUsersDo,
  type SituationName,
  SITUATIONS,
} from "../../tun/simulated/situations.ts";
import { adapterFields, describeAdapter } from "../adapters/report.ts";
import { suggest } from "../arguments/suggest.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { type Choice, type Command, type Context, defineCommand } from "../command.ts";
import { openSimulated, readHostChoice, SIMULATE_OPTION, simulatedPlaceOf } from "../host.ts";
import { EXIT } from "../process/exit_codes.ts";
import type { Output } from "../process/output.ts";
import { printable } from "../process/printable.ts";

/** Something that happens to a simulated machine. */
interface Action {
  /** The operands behind its name. */
  readonly operands: readonly string[];
  /** What it does, as a sentence. */
  readonly does: string;
  /** Does it, and returns the adapter that it was about, if that is there now. */
  run(machine: Machine, { name, more, guid, nowMs }: Occasion): MachineAdapter | void;
}

/** The input of an action. */
interface Occasion {
  /** Its operands, or "". */
  readonly name: string;
  readonly more: string;
  /** The GUID that a new adapter of that name gets. */
  readonly guid: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** How the process that holds an adapter ends when somebody removes the adapter. */
const REMOVED = { exitCode: EXIT.removed, reason: adapterRemoved("").reason };

const MACHINE_ACTIONS: Readonly<Record<string, Action>> = {
  reset: {
    operands: [],
    does: "Forget everything: the machine is a new one, without adapters.",
    run: (machine) => void Object.assign(machine, newMachine()),
  },
  restart: {
    operands: [],
    does:
      "Restart it. Persistent adapters come back; all others of this program and of other programs are gone.",
    run: (machine) => void restart(machine, EXIT.failed),
  },
  unelevated: {
    operands: [],
    does: "From now on processes on it are not elevated, so commands that change it end with exit code 3.",
    run: (machine) => void (machine.elevated = false),
  },
  elevated: {
    operands: [],
    does: "From now on they are elevated, as at first.",
    run: (machine) => void (machine.elevated = true),
  },
};

const ADAPTER_ACTIONS: Readonly<Record<string, Action>> = {
  remove: {
    operands: ["NAME"],
    does:
      "Remove an adapter as somebody does in Device Manager. A persistent one comes back at once, but twice at most within " +
      "an hour. The third time it is stopped.",
    run: (machine, { name, nowMs }) => removeAsOthersDo(machine, name, nowMs, REMOVED),
  },
  rename: {
    operands: ["NAME", "NEW"],
    does: "Rename an adapter as a user does in Windows.",
    run: (machine, { name, more }) => renameAsUsersDo(machine, name, more),
  },
};

const STATE_ACTIONS: Readonly<Record<string, Action>> = Object.fromEntries(
  Object.entries(SITUATIONS).map(([situation, { is }]): [string, Action] => [situation, {
    operands: ["NAME"],
    does: is,
    run: (machine, { name, guid }) => bringInto(machine, situation as SituationName, { name, guid }),
  }]),
);

const ACTIONS: Readonly<Record<string, Action>> = {
  ...MACHINE_ACTIONS,
  ...ADAPTER_ACTIONS,
  ...STATE_ACTIONS,
};
const SHOW = "show";
const NAMES = [SHOW, ...Object.keys(ACTIONS)];
const ACTION_CHOICES: readonly Choice[] = NAMES.map((text) => ({
  text,
  help: ACTIONS[text]?.does ?? "Show the machine.",
}));

export const simulate: Command = defineCommand({
  name: "simulate",
  summary: "Show a simulated machine, and let things happen to it",
  usage: "[ACTION [NAME [NEW]]] [options]",
  description: [
    "A simulated machine is a file. Every command that works on adapters works on it with --simulate, on any operating system " +
    "and without an administrator. So a script for Windows can be written and tested anywhere. Its exit codes and its JSON are " +
    'the same; each JSON object also has "simulated":true, except the error of a wrong command line.',
    "This command brings the machine into states that no other command makes. Without an action it shows the machine.",
  ],
  options: SIMULATE_OPTION,
  operandChoices: (context, given) => {
    const action = given.find((word) => !word.startsWith("-"));
    if (action === undefined || !NAMES.includes(action)) return ACTION_CHOICES;
    return ACTIONS[action]?.operands.length > 0 ? namesOnMachine(context, given) : [];
  },
  examples: [
    { command: "wintun create lab --simulate --address 10.6.7.7/24", does: "Make an adapter on the machine" },
    { command: "wintun simulate show", does: "Show the machine with everything on it" },
    {
      command: "wintun simulate other wg0",
      does: "Have an adapter of another program, which delete refuses",
    },
    { command: "wintun simulate stopped lab", does: "Stop the service of a persistent adapter" },
    { command: "wintun simulate reset", does: "Begin with a new machine" },
  ],
  notes: [
    {
      title: "Actions",
      text: [
        `${SHOW}: Show the machine, its file, and everything on it.`,
        ...Object.entries({ ...MACHINE_ACTIONS, ...ADAPTER_ACTIONS }).map(actionText),
      ],
    },
    {
      title: "States of an adapter",
      text: [
        "These bring adapter NAME into a state, whatever it is now, and make it if there is none. Its settings stay, and a " +
        "serve of it ends.",
        ...Object.entries(STATE_ACTIONS).map(actionText),
      ],
    },
    {
      title: "Which machine",
      text: [
        "--simulate=FILE names the file. --simulate alone is a file in the user's own folder: wintun/simulated.json in " +
        "$XDG_STATE_HOME or ~/.local/state, in ~/Library/Application Support on macOS, and in %LOCALAPPDATA% on Windows. A file " +
        "that does not exist is a machine without adapters. --simulate=:memory: is a machine that ends with the command.",
        "The environment variable WINTUN_SIMULATE does the same for every command: 1 is the file in the user's own folder, 0 " +
        "or nothing chooses none, and any other value is the path of a file. --simulate goes before it.",
        "Several commands can use a machine at once. A file that does not hold a simulated machine is never overwritten.",
      ],
    },
    {
      title: "What is simulated",
      text: [
        "create makes a simulated service. It has no process, so list shows a process id that no real process " +
        "has. A serve is real: it answers the pings of a simulated machine, one a second for each address family, and " +
        "that machine checks every byte of the replies. Nothing else can be sent to it. Nothing takes time. A service fails only " +
        "if somebody removes its adapter, or if another adapter has its address after a restart.",
      ],
    },
  ],
  exitCodes: [4, 5],
  async run(context, { values, operands }): Promise<number> {
    const [name = SHOW, ...rest] = operands;
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (name !== SHOW && action === undefined) throw unknownAction(name);
    const wanted = action?.operands ?? [];
    if (rest.length !== wanted.length) {
      throw new UsageError(
        `simulate ${name} takes ${wanted.length === 0 ? "no name" : wanted.join(" and ")}.`,
        `Usage: wintun simulate ${[name, ...wanted].join(" ")}.`,
      );
    }
    const { simulate = true } = readHostChoice({ ...values, simulate: values.simulate ?? true });
    await using host = openSimulated(context, simulate);
    if (action === undefined) show(context.output, host);
    else await act(context.output, host, action, rest);
    return EXIT.done;
  },
});

/** Returns the names of all that is on the machine, for completion. */
async function namesOnMachine(context: Context, given: readonly string[]): Promise<Choice[]> {
  await using host = openSimulated(context, simulatedPlaceOf(context, given) ?? true);
  return host.storage.read().adapters.map((adapter) => ({
    text: adapter.name,
    help: `Adapter ${stateOf(adapter)}`,
  }));
}

function actionText([name, { operands, does }]: [string, Action]): string {
  return `${[name, ...operands].join(" ")}: ${does}`;
}

function unknownAction(name: string): UsageError {
  const meant = suggest(name, NAMES);
  return new UsageError(
    `simulate has no action "${name}".`,
    meant === undefined ? "wintun help simulate lists them." : `Did you mean ${meant}?`,
  );
}

async function act(
  output: Output,
  host: SimulatedHost,
  action: Action,
  operands: readonly string[],
): Promise<void> {
  const [name = "", more = ""] = operands;
  const guid = await simulatedGuid(name);
  const before = JSON.stringify(host.storage.read());
  const occasion = { name, more, guid, nowMs: Date.now() };
  const adapter = host.storage.update((machine) => action.run(machine, occasion));
  host.storage.tidy();
  const now = host.storage.read();
  if (output.json) writeJson(output, host, now, JSON.stringify(now) !== before);
  else output.result(adapter ? describe(adapter) : "Done.");
}

function writeJson(
  output: Output,
  { storage }: SimulatedHost,
  { elevated, adapters }: Machine,
  changed: boolean,
): void {
  const fields = adapters.map((adapter) => adapterFields(infoOf(adapter)));
  output.resultJson({ file: storage.file ?? null, elevated, changed, adapters: fields });
}

function show(output: Output, host: SimulatedHost): void {
  const machine = host.storage.read();
  if (output.json) return writeJson(output, host, machine, false);
  const { elevated, adapters } = machine;
  output.result(`Processes on this machine are ${elevated ? "" : "not "}elevated.`);
  for (const adapter of adapters) output.result(describe(adapter));
}

function describe(adapter: MachineAdapter): string {
  const info = infoOf(adapter);
  const isThere = info.state === "up" || info.state === "down";
  return `${isThere ? describeAdapter(info) : printable(info.name)} (${stateOf(adapter)})`;
}

/** Returns the state that people see. To the commands a network adapter that is no tunnel is foreign, too. */
function stateOf(adapter: MachineAdapter): string {
  return adapter.holding.kind === "ethernet" ? "ethernet" : infoOf(adapter).state;
}
