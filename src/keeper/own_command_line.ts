import { SERVICE_COMMAND } from "../tun/service_name.ts";
import { commandLine } from "../windows/command_line.ts";

/** Returns how Windows starts this program: the executable, or Deno with the main module and the permissions granted now. */
export function ownCommandLine(guid: string): string {
  const operands = [SERVICE_COMMAND, guid];
  if (Deno.build.standalone) return commandLine(Deno.execPath(), ...operands);
  const kinds = ["read", "write", "env", "ffi", "sys", "net"] as const;
  const granted = kinds.filter((name) => Deno.permissions.querySync({ name }).state === "granted");
  const options = ["--quiet", "--no-prompt", ...granted.map((name) => `--allow-${name}`)];
  return commandLine(Deno.execPath(), "run", ...options, Deno.mainModule, ...operands);
}
