import type { Host } from "../../tun/host.ts";
import { ownerKind } from "../../tun/ownership.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { type Command, type Context, defineCommand } from "../command.ts";
import { openChosenHost } from "../host.ts";
import { errorText, exitCodeOf } from "../process/errors.ts";
import { EXIT } from "../process/exit_codes.ts";
import { Output } from "../process/output.ts";
import { compare, type Comparison, expectedState, presentState, remove, setState } from "./adapter_state.ts";
import { type DesiredState, readDesiredState } from "./desired_state.ts";
import { type State, stateOf } from "./state.ts";

/** What a verb does with the desired state that stdin has. */
type Verb = (context: Context, host: Host, desired: DesiredState) => Promise<void>;

/** The verbs of a DSC resource ("DSC resource manifest schema reference", DSC documentation). */
const VERBS: Readonly<Record<string, Verb>> = {
  get: async (context, host, { name }) => write(context, await presentState(host, name)),
  set: async (context, host, desired) => writeComparison(context, await setState(context, host, desired)),
  "what-if": whatIf,
  test,
  delete: async (context, host, { name }) => await remove(context, host, name),
  export: exportAll,
};

/** The command that Microsoft DSC starts, by the manifest wintun.dsc.resource.json. */
export const dsc: Command = defineCommand({
  name: "dsc",
  summary: "Work as a resource of Microsoft DSC, which starts it",
  usage: Object.keys(VERBS).join("|"),
  description: [
    "Reads the desired state of an adapter from stdin, as JSON, and writes its state. wintun help dsc explains it.",
  ],
  options: {},
  operandChoices: () => Object.keys(VERBS).map((verb) => ({ text: verb, help: `The verb ${verb} of DSC` })),
  examples: [],
  exitCodes: [3, 4, 5, 6, 7, 9, 10],
  endsItself: true,
  async run(context, { operands }): Promise<number> {
    const [verb, ...more] = operands;
    if (verb === undefined || more.length > 0 || !Object.hasOwn(VERBS, verb)) {
      throw new UsageError(
        `dsc needs one of ${Object.keys(VERBS).join(", ")}.`,
        "wintun help dsc explains them.",
      );
    }
    const { environment, output } = context;
    if (environment.simulated !== undefined) {
      output.trace("warn", "This machine is simulated: WINTUN_SIMULATE chooses it.");
    }
    try {
      const input = await environment.readStdin();
      const desired = verb === "export" && input.trim() === "" ? undefined : readDesiredState(input);
      await using host = await openThisHost(context);
      await (desired === undefined ? exportAll(context, host) : VERBS[verb](context, host, desired));
      return EXIT.done;
    } catch (error) {
      output.trace("error", errorText(error));
      return exitCodeOf(error);
    }
  },
});

/** Opens this machine, or the simulated one that the user's environment chooses. The caller owns the host. */
async function openThisHost(context: Context): Promise<Host> {
  const { stdout, stderr, simulated } = context.environment;
  // DSC reads stderr, so there is no note for people.
  const output = new Output(stdout, stderr, { json: true, quiet: true, verbose: false });
  const choice = simulated === undefined ? {} : { simulate: simulated };
  return await openChosenHost({ ...context, output }, { ...choice, removeLegacy: false });
}

async function whatIf(context: Context, host: Host, desired: DesiredState): Promise<void> {
  const { state, fields } = await compare(context, host, desired);
  writeComparison(context, { state: expectedState(state, desired), fields });
}

async function test(context: Context, host: Host, desired: DesiredState): Promise<void> {
  const { state, fields } = await compare(context, host, desired);
  writeComparison(context, { state: { ...state, _inDesiredState: fields.length === 0 }, fields });
}

/** Writes a line for each adapter that `wintun create` made, or only for those that have the values of a state. */
async function exportAll(context: Context, host: Host, desired?: DesiredState): Promise<void> {
  const wanted = desired?.state ?? {};
  for (const state of (await host.list()).filter((info) => ownerKind(info) === "kept").map(stateOf)) {
    const isWanted = Object.entries(wanted).every(([field, value]) =>
      JSON.stringify(state[field]) === JSON.stringify(value)
    );
    if (isWanted) write(context, state);
  }
}

function writeComparison(context: Context, { state, fields }: Comparison): void {
  write(context, state);
  write(context, fields);
}

/** Writes a line as DSC reads it: without the `schema` of this program's own objects. */
function write({ output }: Context, value: State | readonly string[]): void {
  output.result(JSON.stringify(value));
}
