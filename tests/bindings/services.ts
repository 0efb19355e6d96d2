/** Services of adapters on the emulator, whose Service Control Manager runs nothing: a test says what a service does. */

import { serviceName } from "../../src/tun/service_name.ts";
import { AdapterServices } from "../../src/tun/windows/adapter_services.ts";
import type { AdapterOrder } from "../../src/tun/adapter_order.ts";
import { System } from "../../src/windows/system.ts";
import { toWideString } from "../../src/windows/wide_string.ts";
import { emulatorTest, libraries } from "./fixture.ts";

export const GUID = "deadbabe-cafe-beef-0123-456789abcdef";
export const PROGRAM = programFor(GUID);
/** ERROR_SERVICE_SPECIFIC_ERROR */
const SPECIFIC = 1066;

const STATES = { stopped: 1, starting: 2, stopping: 3, running: 4 } as const;

const emulator = Deno.dlopen(libraries.advapi32!, {
  EmulatorSetServiceStatus: {
    parameters: ["buffer", /* name */ "u32", /* state */ "u32", /* pid */ "u32", /* exit code */ "u32"],
    result: "i32",
  },
  EmulatorDelayServiceAnswers: { parameters: ["u32", /* start */ "u32" /* control */], result: "void" },
}).symbols;

/** Says what the service of an adapter does now. */
export function setState(
  state: keyof typeof STATES,
  { guid = GUID, pid = Deno.pid, exitCode = 0, win32ExitCode }: {
    readonly guid?: string;
    readonly pid?: number;
    readonly exitCode?: number;
    readonly win32ExitCode?: number;
  } = {},
): void {
  const name = toWideString(serviceName(guid));
  emulator.EmulatorSetServiceStatus(
    name,
    STATES[state],
    state === "stopped" ? 0 : pid,
    win32ExitCode ?? (exitCode === 0 ? 0 : SPECIFIC),
    exitCode,
  );
}

/** Lets the next call that starts a service, and the next that stops one, wait so many milliseconds, as for one that hangs. */
export function delayNextAnswer({ start = 0, stop = 0 }: { start?: number; stop?: number }): void {
  emulator.EmulatorDelayServiceAnswers(start, stop);
}

/** Returns the command line of the service of an adapter. @param path Where the program is, as it is written there. */
export function programFor(guid: string, path = '"C:\\Program Files\\wintun\\wintun.exe"'): string {
  return `${path} service ${guid}`;
}

export function orderOf(request: Partial<AdapterOrder["request"]> = {}): AdapterOrder {
  return { request: { name: "lab", type: "T", guid: GUID, ...request }, settings: {}, removeLegacy: false };
}

/** Creates the service of an adapter, which does not run. */
export function createService(
  services: AdapterServices,
  order: AdapterOrder = orderOf(),
  program: string = programFor(order.request.guid),
): void {
  const created = services.create(order, program);
  if (typeof created === "string") throw new Error(created);
  created.close();
}

/** Registers a test with the services of this program. Those that it leaves are deleted. */
export function servicesTest(
  name: string,
  body: (services: AdapterServices, system: System) => Promise<void> | void,
): void {
  emulatorTest(name, async () => {
    using system = new System(libraries);
    const services = new AdapterServices(system);
    try {
      await body(services, system);
    } finally {
      for (const { guid } of services.list()) {
        setState("stopped", { guid });
        services.markForDeletion(guid);
      }
      setState("stopped");
      services.removeRubbish();
    }
  });
}
