import { describeWeakness, weaknessesOf } from "../../windows/program_protection.ts";
import { accountName, parseSddl } from "../../windows/sddl.ts";
import type { Service } from "../../windows/services/service.ts";
import type { System } from "../../windows/system.ts";
import { Win32Error } from "../../windows/win32_error.ts";
import { strangers } from "../../windows/writers.ts";
import { HostError } from "../host_error.ts";
import { type Finding, findServices, type ServiceFault, stoppedFault } from "../findings.ts";
import { buildOf, PROGRAM_VERSION } from "../program_version.ts";
import type { AdapterService, AdapterServices } from "./adapter_services.ts";
import { PROTECT_HINT } from "./replaceable.ts";
import { CREATE_AGAIN_HINT } from "./service_orders.ts";

/** SERVICE_CHANGE_CONFIG, WRITE_DAC, WRITE_OWNER, GENERIC_ALL, GENERIC_WRITE: who has one can let the service run another program. */
const TAKE_OVER = 0x2 | 0x4_0000 | 0x8_0000 | 0x1000_0000 | 0x4000_0000;
/** The accounts that may do so: the system and the administrators. */
const TRUSTED: ReadonlySet<string> = new Set(["SY", "BA"]);

const OLD_PROGRAM_HINT =
  "It runs the new one from its next start on: restart the service, or Windows. wintun help recipes explains more.";

/**
 * Checks the services of this program: their programs, who may change these, who may change the services, and whether those of
 * persistent adapters run.
 * @throws {Win32Error} if Windows refuses to list them.
 */
export function examineServices(system: System, services: AdapterServices): Finding {
  const found = services.list();
  return findServices(found.length, found.flatMap((service) => faultsOf(system, services, service)));
}

function faultsOf(system: System, services: AdapterServices, found: AdapterService): ServiceFault[] {
  const name = `The service of adapter "${found.name}"`;
  const say = (what: string, hint: string): ServiceFault => ({ message: `${name} ${what}`, hint });
  try {
    using service = services.open(found.guid, "readConfig", "readSecurity");
    if (service === undefined) return [];
    const { commandLine, account } = service.config();
    const program = programOf(commandLine);
    const faults = [
      ...faultsOfProgram(system, program, found, say),
      ...faultsOfOrder(services, found, say),
      ...Array.from(
        new Set(mayTakeOver(service).map(accountName)),
        (account) => say(`can be changed by ${account}`, CREATE_AGAIN_HINT),
      ),
    ];
    if (!commandLine.startsWith('"')) faults.push(say("has a path without quotes", CREATE_AGAIN_HINT));
    if (account.toLowerCase() !== "localsystem") faults.push(say(`runs as ${account}`, CREATE_AGAIN_HINT));
    const old = oldProgram(found, program);
    if (old !== undefined) faults.push(say(`still runs ${old} of this program`, OLD_PROGRAM_HINT));
    // A fault that keeps it from starting is reported already.
    const canStart = !faults.some(({ isFatal }) => isFatal);
    if (found.end !== undefined && canStart) faults.push(stoppedFault(found.name, found.end));
    return faults;
  } catch (error) {
    if (!(error instanceof Win32Error)) throw error;
    return [say(`cannot be examined: ${error.message}`, "")];
  }
}

function faultsOfProgram(
  { libraries }: System,
  program: string,
  { persistent }: AdapterService,
  say: (what: string, hint: string) => ServiceFault,
): ServiceFault[] {
  if (!exists(program)) {
    const fault = say(`runs ${program}, which does not exist`, CREATE_AGAIN_HINT);
    return [{ ...fault, isFatal: true }];
  }
  if (!Deno.build.standalone) return [];
  const isAnother = program.toLowerCase() !== Deno.execPath().toLowerCase();
  return [
    ...(isAnother ? [say(`runs ${program}, not this program`, CREATE_AGAIN_HINT)] : []),
    // Windows runs the program of the others only now, as the administrator has started it.
    ...(persistent
      ? weaknessesOf(libraries, program).map((weakness) =>
        say(`runs a program that others could replace: ${describeWeakness(weakness)}`, PROTECT_HINT)
      )
      : []),
  ];
}

/** Examines the order of a persistent adapter. That of another adapter is not read again. */
function faultsOfOrder(
  { orders }: AdapterServices,
  { guid, persistent }: AdapterService,
  say: (what: string, hint: string) => ServiceFault,
): ServiceFault[] {
  if (!persistent) return [];
  const fatal = (what: string): ServiceFault[] => [{ ...say(what, CREATE_AGAIN_HINT), isFatal: true }];
  try {
    return orders.read(guid) === undefined ? fatal("has no order") : [];
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return fatal(`has an order that cannot be read: ${error.reason}`);
  }
}

/** Returns which program a service runs if that is another one than it would run after its next start. */
function oldProgram({ pid, version, build }: AdapterService, program: string): string | undefined {
  if (pid === 0 || version === undefined) return undefined;
  if (version !== PROGRAM_VERSION) return `version ${version}`;
  return build === undefined || build === buildOf(program) ? undefined : "another build";
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function programOf(commandLine: string): string {
  return /^"([^"]*)"/.exec(commandLine)?.[1] ?? commandLine.split(" ")[0];
}

/** Returns the accounts, in SDDL, that could let the service run another program and should not. */
function mayTakeOver(service: Service): readonly string[] {
  // The owner of a service is the system ("Service Security and Access Rights", Windows documentation).
  return strangers(parseSddl(`O:SY${service.security()}`), TRUSTED, TAKE_OVER);
}
