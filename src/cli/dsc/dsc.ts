import { ownerKind } from "../../tun/ownership.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { type Command, type Context, defineCommand } from "../command.ts";
import { errorText, exitCodeOf } from "../process/errors.ts";
import { EXIT } from "../process/exit_codes.ts";
import {
  compare,
  type Comparison,
  expectedState,
  openThisHost,
  presentState,
  remove,
  setState,
} from "./adapter_state.ts";
import { readDesiredState } from "./desired_state.ts";
import { type State, stateOf } from "./state.ts";

/** What a verb does with the text of stdin. */
type Verb = (context: Context, input: string) => Promise<void>;

/** The verbs of a DSC resource ("DSC resource manifest schema reference", DSC documentation). */
const VERBS: Readonly<Record<string, Verb>> = {
  get: async (context, input) => write(context, await presentState(context, readDesiredState(input).name)),
  set: async (context, input) => writeComparison(context, await setState(context, readDesiredState(input))),
  "what-if": whatIf,
  test,
  delete: async (context, input) => await remove(context, readDesiredState(input).name),
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
      await VERBS[verb](context, await environment.readStdin());
      return EXIT.done;
    } catch (error) {
      output.trace("error", errorText(error));
      return exitCodeOf(error);
    }
  },
});

async function whatIf(context: Context, input: string): Promise<void> {
  const desired = readDesiredState(input);
  const { state, fields } = await compare(context, desired);
  writeComparison(context, { state: expectedState(state, desired), fields });
}

async function test(context: Context, input: string): Promise<void> {
  const { state, fields } = await compare(context, readDesiredState(input));
  writeComparison(context, { state: { ...state, _inDesiredState: fields.length === 0 }, fields });
}

/** Writes a line for each adapter that `wintun create` made, or only for those that have the values of the input. */
async function exportAll(context: Context, input: string): Promise<void> {
  const wanted = input.trim() === "" ? {} : readDesiredState(input).state;
  await using host = await openThisHost(context);
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
