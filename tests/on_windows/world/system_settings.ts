/** What is set in a world's Windows before it starts. */

import { inside } from "./base.ts";
import { elevatedManifest } from "./manifest.ts";
import type { World } from "./world.ts";

/**
 * The environment of every program and every service. Wine gives it to the programs that Linux starts too, and it
 * prevails over their own environment. Without DENO_DISABLE_NODE_SHIM, every run of deno.exe leaves a copy of it in the
 * prefix.
 */
const machineEnvironment: Readonly<Record<string, string>> = {
  DENO_DIR: "C:\\deno",
  DENO_NO_UPDATE_CHECK: "1",
  DENO_DISABLE_NODE_SHIM: "1",
  NO_COLOR: "1",
  WINTUN_WINDOWS_WORLD: "1",
};

/** CLSID_NetworkListManager (netlistmgr.h). Our stand-in is in that for iphlpapi.dll. */
const NETWORK_LIST_MANAGER = "{DCB00C01-570F-4A9B-8D69-199FDBA5723B}";

/**
 * How long a service may take, in milliseconds, until its process connects to the Service Control Manager: what Windows gives
 * it ("Service Control Manager", ServicesPipeTimeout). Wine's 10 seconds are too few for a busy machine.
 */
const SERVICES_PIPE_TIMEOUT = 30_000;

/** Wine's file of HKEY_LOCAL_MACHINE. A key that it has twice gets the values of both. */
const registryFile = `${inside.prefix}/system.reg`;

/**
 * Sets the class of networks, the time that services have to connect, and the machine's environment variables, which are all that
 * a service has. Lets services run as administrators: Wine's own would run with the limited half of an administrator's token.
 * Windows must not run yet.
 * @param npmRegistry The registry of the packages in deno.exe's cache. Deno stores packages under its name.
 */
export async function setUpServices(world: World, npmRegistry: string): Promise<void> {
  const quoted = (text: string): string => `"${text.replaceAll("\\", "\\\\")}"`;
  const variables = Object.entries({ ...machineEnvironment, NPM_CONFIG_REGISTRY: npmRegistry });
  const lines = [
    "",
    "[System\\\\ControlSet001\\\\Control\\\\Session Manager\\\\Environment]",
    ...variables.map(([name, value]) => `${quoted(name)}=${quoted(value)}`),
    "",
    "[System\\\\ControlSet001\\\\Control]",
    `"ServicesPipeTimeout"="${SERVICES_PIPE_TIMEOUT}"`,
    "",
    `[Software\\\\Classes\\\\CLSID\\\\${NETWORK_LIST_MANAGER}\\\\InprocServer32]`,
    `@=${quoted("C:\\windows\\system32\\iphlpapi.dll")}`,
    "",
  ];
  await Deno.writeTextFile(world.file(registryFile), lines.join("\n"), { append: true });
  const services = `${inside.prefix}/drive_c/windows/system32/services.exe`;
  await Deno.writeTextFile(world.file(`${services}.manifest`), elevatedManifest);
}
