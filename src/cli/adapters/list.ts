import { unicodeWidth } from "@std/cli/unicode-width";
import type { AdapterInfo, Host } from "../../tun/host.ts";
import { noSuchAdapter } from "../../tun/host_error.ts";
import { findNamed } from "../../tun/ownership.ts";
import { formatCidr } from "../../wire/cidr.ts";
import { flag } from "../arguments/options.ts";
import { type Command, defineCommand } from "../command.ts";
import { adapterNames, openCommandHost, SIMULATE_OPTION } from "../host.ts";
import { padColumns } from "../process/columns.ts";
import { EXIT } from "../process/exit_codes.ts";
import type { Output } from "../process/output.ts";
import { printable } from "../process/printable.ts";
import { adapterFields, describeOwner } from "./report.ts";

const HEADINGS = ["NAME", "STATE", "TYPE", "MTU", "ADDRESSES", "OWNER"];

export const list: Command = defineCommand({
  name: "list",
  summary: "Show the adapters, their addresses and owners",
  usage: "[NAME|GUID...] [options]",
  description: [
    "Shows the Wintun adapters of all programs. Loads no driver and needs no administrator.",
    "With names or GUIDs it shows these adapters only. --all is not needed for them. If there is no such adapter, the exit " +
    "code is 4.",
  ],
  options: {
    all: flag(
      "Also show leftovers and other tunnels. These are devices without a network interface (orphaned), devices of Wintun " +
        "0.13 and older (legacy), and other interfaces that Windows describes as a tunnel (foreign).",
    ),
    ...SIMULATE_OPTION,
  },
  operandChoices: adapterNames,
  examples: [
    { command: "wintun list", does: "Show all adapters, one a line" },
    { command: "wintun list lab --json", does: "Show everything about one adapter, for programs" },
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
  exitCodes: [4, 7],
  async run(context, { values, operands }): Promise<number> {
    await using host = await openCommandHost(context, values);
    const adapters = await collect(host, values.all, operands);
    if (context.output.json) context.output.resultJson({ adapters: adapters.map(adapterFields) });
    else if (adapters.length === 0) context.output.note("There are no Wintun adapters.");
    else writeTable(context.output, adapters);
    return EXIT.done;
  },
});

async function collect(host: Host, all: boolean, names: readonly string[]): Promise<AdapterInfo[]> {
  // A name also finds leftovers, as it does for delete.
  const adapters = await host.list({ all: all || names.length > 0 });
  if (names.length === 0) return adapters;
  const found = names.map((name) => {
    const info = findNamed(adapters, name);
    if (info !== undefined) return info;
    throw noSuchAdapter(`Cannot show adapter "${name}"`);
  });
  return [...new Set(found)];
}

function writeTable(output: Output, adapters: readonly AdapterInfo[]): void {
  const rows = adapters.map((info) => [
    printable(info.name),
    info.state,
    printable(info.type),
    info.mtu === 0 ? "-" : `${info.mtu}`,
    info.addresses.length === 0 ? "-" : info.addresses.map(formatCidr).join(" "),
    describeOwner(info),
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => unicodeWidth(row[column])))
  );
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => padColumns(cell, widths[column])).join("  ").trimEnd();
  output.result(output.paint("bold")(line(HEADINGS)));
  for (const row of rows) output.result(line(row));
}
