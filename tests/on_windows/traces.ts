// deno-lint-ignore-file no-console
/** What adapters may leave behind on a machine. As a program it writes that as JSON, for the Linux side of a world. */

import { System } from "../../src/windows/system.ts";

const ENUMERATED = "SYSTEM\\CurrentControlSet\\Enum\\SWD\\Wintun";
const SERVICES = "SYSTEM\\CurrentControlSet\\Services";
const LOGS = "C:\\ProgramData\\wintun";

/** Returns the devices, records, services, DNS rules and logs that there are, as `device NAME` and so on. */
export function traces(): string[] {
  using system = new System();
  const keysIn = (path: string): string[] => {
    using key = system.registry.open(path);
    return key?.subkeys() ?? [];
  };
  // Wine makes the key of a device again, without values, if one process removes the device while another one lists devices.
  const isDevice = (name: string): boolean => {
    using key = system.registry.open(`${ENUMERATED}\\${name}`);
    return key?.texts("HardwareID") !== undefined;
  };
  const found: Record<string, string[]> = {
    device: keysIn(ENUMERATED).filter(isDevice),
    record: keysIn("SOFTWARE\\wintun adapters"),
    service: keysIn(SERVICES).filter((name) => /^wintun\$/i.test(name)),
    "DNS rule": keysIn(`${SERVICES}\\Dnscache\\Parameters\\DnsPolicyConfig`),
    log: filesIn(LOGS),
  };
  return Object.entries(found).flatMap(([kind, names]) => names.map((name) => `${kind} ${name}`));
}

function filesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

if (import.meta.main) console.log(JSON.stringify(traces()));
