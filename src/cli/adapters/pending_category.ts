import type { AdapterInfo } from "../../tun/adapter_info.ts";
import type { Settings } from "../../tun/settings/settings.ts";
import type { Output } from "../process/output.ts";
import { printable } from "../process/printable.ts";

/** Writes a note if a category was set and Windows has not identified the network yet. */
export function noteIfPending(output: Output, { category: wanted }: Settings, info: AdapterInfo): void {
  const { category, givenCategory } = info.details ?? {};
  if (wanted === undefined || givenCategory !== wanted || category !== undefined) return;
  output.note(
    `The network of adapter "${
      printable(info.name)
    }" becomes ${wanted} when Windows identifies it, some seconds after a ` +
      "session is open.",
  );
}
