// deno-lint-ignore-file no-console -- a program of route_test.ts
/**
 * Configures an adapter of the emulator several times, and prints the routes that its network device has after each, as
 * a JSON array of arrays. Apart from the test because it must run in a network namespace.
 */

import { openWindowsHost } from "../../src/tun/windows/host.ts";
import type { Settings } from "../../src/tun/settings/settings.ts";
import { parseCidr } from "../../src/wire/cidr.ts";
import { buildEmulator } from "../emulator/build.ts";
import { LINK_TUN, openEmulatorControl } from "../emulator/control.ts";
import { emulatorLibraries } from "../emulator/libraries.ts";
import { routesOf } from "./device_routes.ts";

const cidrs = (...texts: string[]): ReturnType<typeof parseCidr>[] => texts.map(parseCidr);

const STEPS: readonly Settings[] = [
  {
    addresses: cidrs("10.6.7.7/24"),
    routes: cidrs("10.98.0.0/16", "10.99.0.0/16", "fd98::/32", "fd99::/32"),
  },
  { routes: cidrs("10.99.0.0/16", "fd98::/32") },
  { addresses: [] },
  { routes: [] },
];

const path = await buildEmulator();
openEmulatorControl(path).symbols.EmulatorSetLink(LINK_TUN);
await using host = await openWindowsHost({ libraries: emulatorLibraries(path) });
using adapter = await host.create({ name: "lab", type: "T" });
const seen: string[][] = [];
for (const settings of STEPS) {
  await host.configure(adapter.info.luid, settings);
  seen.push(await routesOf("lab"));
}
console.log(JSON.stringify(seen));
