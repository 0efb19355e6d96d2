import type { AdapterInfo } from "../../tun/host.ts";
import type { Output } from "../process/output.ts";

/** The tunnel type of an adapter that is created without `--type`. */
export const DEFAULT_TYPE = "Wintun";

/** What was given of what only counts when an adapter is created. */
export interface CreationValues {
  readonly type?: string | undefined;
  readonly guid?: string | undefined;
}

/** Warns of what was given in vain, because the adapter exists and is different. */
export function warnOfIgnored({ type, guid }: CreationValues, existing: AdapterInfo, output: Output): void {
  const adapter = `Adapter "${existing.name}"`;
  if (guid !== undefined && guid !== existing.guid) {
    output.warning(`${adapter} exists with GUID ${existing.guid}; --guid ${guid} has no effect.`);
  }
  if (type !== undefined && type !== existing.type) {
    output.warning(`${adapter} exists with type "${existing.type}"; --type "${type}" has no effect.`);
  }
}
