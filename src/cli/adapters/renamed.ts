import type { AdapterInfo } from "../../tun/adapter_info.ts";
import { sameName } from "../../tun/adapter_name.ts";
import type { Output } from "../process/output.ts";

/** Warns if the adapter was found by the name that it was created with, and has another name now. */
export function warnOfRename(asked: string, { name, createdAs }: AdapterInfo, output: Output): void {
  if (createdAs === undefined || sameName(name, asked) || !sameName(createdAs, asked)) return;
  output.warning(`The adapter that was created as "${createdAs}" is called "${name}" now.`);
}
