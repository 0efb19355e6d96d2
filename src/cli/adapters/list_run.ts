import { sameName } from "../../tun/adapter_name.ts";
import type { AdapterInfo, Host } from "../../tun/host.ts";
import { HostError } from "../../tun/host_error.ts";
import { normalGuid } from "../../wire/guid.ts";
import { adapterFields, describeOwner } from "./report.ts";
import type { Context } from "../command.ts";
import { openCommandHost } from "../host.ts";
import { EXIT } from "../process/exit_codes.ts";
import type { LIST_OPTIONS } from "./list.ts";
import type { GLOBAL_OPTIONS, Values } from "../arguments/options.ts";
import type { Output } from "../process/output.ts";
import { printable } from "../process/printable.ts";

const HEADINGS = ["NAME", "STATE", "TYPE", "MTU", "ADDRESSES", "OWNER"];

/** Does what `list` was asked for, and returns the exit code. */
export async function runList(
  context: Context,
  values: Values<typeof LIST_OPTIONS & typeof GLOBAL_OPTIONS>,
  operands: readonly string[],
): Promise<number> {
  await using host = await openCommandHost(context, values);
  const adapters = await collect(host, values.all, operands);
  if (context.output.json) context.output.resultJson({ adapters: adapters.map(adapterFields) });
  else if (adapters.length === 0) context.output.note("There are no Wintun adapters.");
  else writeTable(context.output, adapters);
  return EXIT.done;
}

async function collect(host: Host, all: boolean, names: readonly string[]): Promise<AdapterInfo[]> {
  const adapters = await host.list({ all });
  if (names.length === 0) return adapters;
  return names.map((name) => {
    const guid = normalGuid(name);
    const found = adapters.find((info) => sameName(info.name, name) || info.guid === guid);
    if (found !== undefined) return found;
    throw new HostError("not-found", `Cannot show adapter "${name}"`, "there is no such adapter", {
      hint: "wintun list shows those that there are.",
    });
  });
}

function writeTable(output: Output, adapters: readonly AdapterInfo[]): void {
  const rows = adapters.map((info) => [
    printable(info.name),
    info.state,
    printable(info.type),
    info.mtu === 0 ? "-" : `${info.mtu}`,
    info.addresses.length === 0 ? "-" : info.addresses.join(" "),
    describeOwner(info),
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column].length))
  );
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd();
  output.result(output.paint("bold")(line(HEADINGS)));
  for (const row of rows) output.result(line(row));
}
