import { unicodeWidth } from "@std/cli/unicode-width";
import type { AdapterInfo, AdapterState } from "../../tun/adapter_info.ts";
import type { Host } from "../../tun/host.ts";
import { noSuchAdapter } from "../../tun/host_error.ts";
import { findNamed, isOurs } from "../../tun/ownership.ts";
import { formatCidr } from "../../wire/cidr.ts";
import { NAME_FORMS } from "../arguments/operands.ts";
import { flag, single } from "../arguments/options.ts";
import { timeoutOption } from "../arguments/timeout.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { type Command, defineCommand } from "../command.ts";
import { adapterNames, openCommandHost, SIMULATE_OPTION } from "../host.ts";
import { cutColumns, padColumns } from "../process/columns.ts";
import { EXIT } from "../process/exit_codes.ts";
import type { Output } from "../process/output.ts";
import { printable } from "../process/printable.ts";
import { adapterBlock } from "./adapter_block.ts";
import { type AwaitedState, waitForState } from "./list_wait.ts";
import { adapterFields, describeOwner } from "./report.ts";

const STATES = [
  "up",
  "down",
  "starting",
  "stopped",
  "lost",
  "orphaned",
  "legacy",
  "foreign",
] as const satisfies readonly AdapterState[];
const AWAITED_STATES = [...STATES, "absent"] as const satisfies readonly AwaitedState[];
const DEFAULT_TIMEOUT_S = 30;
/** The states of what only `--all` shows. */
const ONLY_WITH_ALL: readonly AdapterState[] = ["orphaned", "legacy", "foreign"];
const WHO = ["ours", "others"] as const;
type Who = (typeof WHO)[number];

/** A column that is cut keeps this width at least. */
const LEAST_WIDTH = 8;
const GAP = "  ";
const HEADINGS = ["NAME", "STATE", "TYPE", "MTU", "ADDRESSES", "OWNER"];

export const list: Command = defineCommand({
  name: "list",
  summary: "Show the adapters, their addresses and owners",
  usage: "[NAME...] [options]",
  description: [
    "Shows the Wintun adapters of all programs, one a line. Loads no driver and needs no administrator.",
    "With names it shows these adapters only, and everything about each. --all is not needed for them. If there is no such " +
    "adapter, the exit code is 4.",
    NAME_FORMS,
  ],
  options: {
    all: flag(
      "Also show leftovers and other tunnels. These are devices without a network interface (orphaned), devices of Wintun " +
        "0.13 and older (legacy), and other interfaces that Windows describes as a tunnel (foreign).",
    ),
    state: single(
      "STATE",
      stateReader(STATES),
      "Show only adapters in this state. Default: in every state; without --all not orphaned, legacy and foreign.",
      STATES,
    ),
    owner: single(
      "WHO",
      readWho,
      "Show only adapters of ours, or of others. ours are those that this program made. Default: of both.",
      WHO,
    ),
    wait: single(
      "STATE",
      stateReader(AWAITED_STATES),
      "Wait until every adapter that is named has this state. absent: until there is no such adapter, or " +
        "only a device of it is left (orphaned), which does not keep its name. If that takes longer than " +
        "--timeout, the exit code is 9. Default: show the adapters at once.",
      AWAITED_STATES,
    ),
    timeout: timeoutOption("Longest wait of --wait.", DEFAULT_TIMEOUT_S),
    ...SIMULATE_OPTION,
  },
  operandChoices: adapterNames,
  examples: [
    { command: "wintun list", does: "Show all adapters, one a line" },
    { command: "wintun list lab", does: "Show everything about one adapter" },
    { command: "wintun list --owner ours --state up --json", does: "Show what is served, for programs" },
    { command: "wintun list lab --wait up --timeout 60", does: "Wait until somebody serves lab" },
  ],
  notes: [
    {
      title: "State",
      text: [
        "up: a program has a packet session open. down: there is no session. starting: its service is creating it. stopped: it " +
        "is persistent, and its service does not run; OWNER says why. lost: somebody removed the adapter, and the process " +
        "that held it still runs; wintun delete ends it. wintun help adapters explains all states.",
      ],
    },
  ],
  exitCodes: [4, 7, 9],
  endsItself: true,
  async run(context, { values, operands }): Promise<number> {
    const wait = readWait(values, operands);
    await using host = await openCommandHost(context, values);
    const { output, interrupted } = context;
    const isAll = values.all || (values.state !== undefined && ONLY_WITH_ALL.includes(values.state));
    const found = wait === undefined
      ? await collect(host, isAll, operands, output.json)
      : await waitForState(host, operands, wait.state, wait.timeoutMs, interrupted);
    const adapters = found.filter((info) => isWanted(info, values));
    if (output.json) output.resultJson({ adapters: adapters.map(adapterFields) });
    else if (adapters.length === 0) output.note(noneText(values, operands));
    else if (operands.length > 0) writeBlocks(output, adapters);
    else writeTable(output, adapters);
    return EXIT.done;
  },
});

/** The filters of `list`. */
interface Filters {
  readonly state: AdapterState | undefined;
  readonly owner: Who | undefined;
}

function isWanted(info: AdapterInfo, { state, owner }: Filters): boolean {
  return (state === undefined || info.state === state) &&
    (owner === undefined || isOurs(info) === (owner === "ours"));
}

function noneText({ state, owner }: Filters, names: readonly string[]): string {
  return state === undefined && owner === undefined && names.length === 0
    ? "There are no Wintun adapters."
    : "There are no such adapters.";
}

/** Returns a reader of one of these states. The reader throws `UsageError` for anything else. */
function stateReader<T extends AwaitedState>(states: readonly T[]): (text: string) => T {
  return (text) => {
    const state = states.find((one) => one === text);
    if (state !== undefined) return state;
    throw new UsageError(`${text}: must be one of ${states.join(", ")}.`);
  };
}

/** Reads what to wait for, if anything. @throws {UsageError} if the options do not fit together. */
function readWait(
  { wait, timeout }: { readonly wait: AwaitedState | undefined; readonly timeout: number | undefined },
  names: readonly string[],
): { readonly state: AwaitedState; readonly timeoutMs: number } | undefined {
  if (wait === undefined) {
    if (timeout !== undefined) throw new UsageError("--timeout needs --wait.", "Add --wait STATE.");
    return undefined;
  }
  if (names.length === 0) {
    throw new UsageError("--wait needs the name of an adapter.", "Usage: wintun list NAME --wait STATE.");
  }
  return { state: wait, timeoutMs: (timeout ?? DEFAULT_TIMEOUT_S) * 1000 };
}

function readWho(text: string): Who {
  const who = WHO.find((one) => one === text);
  if (who !== undefined) return who;
  throw new UsageError(`${text}: must be ${WHO.join(" or ")}.`);
}

async function collect(
  host: Host,
  all: boolean,
  names: readonly string[],
  json: boolean,
): Promise<AdapterInfo[]> {
  // The table shows no details.
  const details = json || names.length > 0;
  // A name also finds leftovers, as it does for delete.
  const adapters = await host.list({ all: all || names.length > 0, details, categories: details });
  if (names.length === 0) return adapters;
  const found = names.map((name) => {
    const info = findNamed(adapters, name);
    if (info !== undefined) return info;
    throw noSuchAdapter(`Cannot show adapter "${name}"`);
  });
  return [...new Set(found)];
}

function writeBlocks(output: Output, adapters: readonly AdapterInfo[]): void {
  for (const [index, info] of adapters.entries()) {
    const [name, ...lines] = adapterBlock(info);
    if (index > 0) output.result("");
    output.result(output.paint("bold")(name));
    for (const line of lines) output.result(line);
  }
}

/** Writes a line an adapter. On a terminal no line is wider than it: the widest columns are cut. */
function writeTable(output: Output, adapters: readonly AdapterInfo[]): void {
  const rows = adapters.map((info) => [
    printable(info.name),
    info.state,
    printable(info.type),
    info.mtu === 0 ? "-" : `${info.mtu}`,
    info.addresses.length === 0 ? "-" : info.addresses.map(formatCidr).join(" "),
    describeOwner(info),
  ]);
  const least = HEADINGS.map(({ length }) => Math.max(length, LEAST_WIDTH));
  const natural = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => unicodeWidth(row[column])))
  );
  const room = output.hasLive ? output.size.columns - 1 - GAP.length * (HEADINGS.length - 1) : Infinity;
  const widths = fitWidths(natural, least, room);
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => padColumns(shorten(cell, widths[column]), widths[column])).join(GAP)
      .trimEnd();
  output.result(output.paint("bold")(line(HEADINGS)));
  for (const row of rows) output.result(line(row));
}

/** Returns the widths that fit into `room` columns: the widest is cut first, and none below its least one. */
function fitWidths(natural: readonly number[], least: readonly number[], room: number): readonly number[] {
  const widths = [...natural];
  while (widths.reduce((sum, width) => sum + width, 0) > room) {
    const spare = widths.map((width, column) => width > least[column] ? width : 0);
    const widest = spare.indexOf(Math.max(...spare));
    if (spare[widest] === 0) break;
    widths[widest]--;
  }
  return widths;
}

/** Cuts a text that is wider than that many columns, and ends it with an ellipsis. */
function shorten(text: string, columns: number): string {
  return unicodeWidth(text) <= columns ? text : `${cutColumns(text, columns - 1)}…`;
}
