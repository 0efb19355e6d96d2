import type { AdapterInfo } from "../../tun/adapter_info.ts";
import { type Options, single, type Values } from "../arguments/options.ts";
import { readGuid, readTunnelType } from "../arguments/values.ts";
import type { Output } from "../process/output.ts";

/** The tunnel type of an adapter that is created without `--type`. */
export const DEFAULT_TYPE = "Wintun";

/** The options that only have an effect when an adapter is created. */
export const CREATION_OPTIONS = {
  type: single(
    "TYPE",
    readTunnelType,
    "Tunnel type of a new adapter, 1 to 127 characters. Windows shows it in the adapter's description. Default: " +
      `${DEFAULT_TYPE}.`,
  ),
  guid: single(
    "GUID",
    readGuid,
    "GUID of a new adapter. Default: derived from the name and this machine. So it is the same each time, and Windows " +
      "recognizes the adapter's network.",
  ),
} as const satisfies Options;

/** Warns of options that have no effect because the adapter exists already and differs from them. */
export function warnOfIgnored(
  { type, guid, persistent = false }: Partial<Values<typeof CREATION_OPTIONS>> & {
    readonly persistent?: boolean;
  },
  existing: AdapterInfo,
  output: Output,
): void {
  const adapter = `Adapter "${existing.name}"`;
  if (guid !== undefined && guid !== existing.guid) {
    output.warning(`${adapter} exists with GUID ${existing.guid}; --guid ${guid} has no effect.`);
  }
  if (type !== undefined && type !== existing.type) {
    output.warning(`${adapter} exists with type "${existing.type}"; --type "${type}" has no effect.`);
  }
  if (persistent && !existing.persistent) {
    output.warning(
      `${adapter} exists and is not persistent; --persistent has no effect. Delete it and create it again to make it so.`,
    );
  }
}
