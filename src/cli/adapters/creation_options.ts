import { sameName } from "../../tun/adapter_name.ts";
import type { AdapterInfo } from "../../tun/host.ts";
import type { Output } from "../process/output.ts";

/** The tunnel type of an adapter that is created without `--type`. */
export const DEFAULT_TYPE = "Wintun";

/** The given options that only have an effect when an adapter is created. */
export interface CreationValues {
  readonly type?: string | undefined;
  readonly guid?: string | undefined;
}

/** Warns of options that have no effect, because the adapter exists and differs from them. */
export function warnOfIgnored({ type, guid }: CreationValues, existing: AdapterInfo, output: Output): void {
  const adapter = `Adapter "${existing.name}"`;
  if (guid !== undefined && guid !== existing.guid) {
    output.warning(`${adapter} exists with GUID ${existing.guid}; --guid ${guid} has no effect.`);
  }
  if (type !== undefined && type !== existing.type) {
    output.warning(`${adapter} exists with type "${existing.type}"; --type "${type}" has no effect.`);
  }
}

/** Warns that the adapter which was asked for by the name of its creation is called otherwise now. */
export function warnOfRename(asked: string, { name, createdAs }: AdapterInfo, output: Output): void {
  if (createdAs === undefined || sameName(name, asked) || !sameName(createdAs, asked)) return;
  output.warning(`The adapter that was created as "${createdAs}" is called "${name}" now.`);
}
