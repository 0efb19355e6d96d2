import type { System } from "../../windows/system.ts";
import { OLDEST_WINDOWS, SystemDllError } from "../../windows/system_functions.ts";
import { Win32Error } from "../../windows/win32_error.ts";
import { describeWeakness } from "../../windows/program_protection.ts";
import { type Writer, writersOf } from "../../windows/writers.ts";
import { runningDriverVersion } from "../../wintun/library.ts";
import {
  failed,
  findDevices,
  findDriver,
  findElevation,
  type Finding,
  findLegacy,
  findLost,
  ok,
  warning,
} from "../findings.ts";
import { HostError } from "../host_error.ts";
import { examineDnsRules } from "./dns_rules.ts";
import { listDevices, listLegacyDevices } from "./devices.ts";
import type { Holders } from "./holders.ts";
import { isLost } from "./inventory.ts";
import type { Loader } from "./loader.ts";
import { examineServices } from "./service_examination.ts";
import { USED_FUNCTIONS } from "./used_functions.ts";

/**
 * Checks everything that this program needs, and returns one finding a check. A problem with wintun.dll is a finding, not an
 * error, and so is a DLL of Windows that cannot be opened or lacks a function.
 * @throws {Win32Error} if Windows refuses to list devices.
 */
export async function examine(
  system: System,
  loader: Loader,
  holders: Holders,
): Promise<Finding[]> {
  return [
    ok("platform", `Windows on ${Deno.build.arch}.`),
    examineFunctions(system),
    ...unlessMissing("folder", () => examineFolder(system)),
    ...unlessMissing("elevation", () => [findElevation(system.isElevated())]),
    ...unlessMissing("devices", () => examineDevices(system)),
    ...unlessMissing("owners", () => [examineOwners(system, holders)]),
    ...unlessMissing("dns-rules", () => [examineDnsRules(system)]),
    ...unlessMissing("services", () => [examineServices(system, holders.services)]),
    ...await examineLibrary(system, loader),
  ];
}

/** Returns the findings of a check, or one that says which function of Windows it lacks. */
function unlessMissing(check: string, examine: () => Finding[]): Finding[] {
  try {
    return examine();
  } catch (error) {
    if (!(error instanceof SystemDllError)) throw error;
    return [failed(check, `${error.message}.`, "")];
  }
}

function examineFunctions({ libraries }: System): Finding {
  /** The names that are missing, by their DLL and by what that means. */
  const missing = new Map<string, { dll: string; meaning: string; names: Set<string> }>();
  const unusable = new Set<string>();
  let isNeeded = false;
  for (const table of USED_FUNCTIONS) {
    const { dll, since, without = "This program needs them." } = table;
    try {
      const names = libraries.missing(table);
      if (names.length === 0) continue;
      const meaning = `${without} ${since} and later have them.`;
      const key = `${dll} ${meaning}`;
      const found = missing.get(key) ?? { dll, meaning, names: new Set() };
      for (const name of names) found.names.add(name);
      missing.set(key, found);
      isNeeded ||= table.without === undefined;
    } catch (error) {
      if (!(error instanceof SystemDllError)) throw error;
      unusable.add(`${error.message}.`);
      isNeeded = true;
    }
  }
  const lacks = Array.from(
    missing.values(),
    ({ dll, meaning, names }) => `${dll}.dll has no ${Array.from(names).join(", ")}. ${meaning}`,
  );
  const message = [...unusable, ...lacks].join(" ");
  if (message === "") return ok("functions", "Windows has every function that this program uses.");
  if (!isNeeded) return warning("functions", message, "");
  return failed("functions", message, `This program is made for ${OLDEST_WINDOWS} and later.`);
}

/** Examines the folder of the executable. From source there is none: deno.exe may lie anywhere. */
function examineFolder({ libraries }: System): Finding[] {
  if (!Deno.build.standalone) return [];
  const program = Deno.execPath();
  return [describeWriters(program, () => writersOf(libraries, program))];
}

/** Returns the finding about who can change a program. @param find Returns them, as `writersOf`. */
export function describeWriters(program: string, find: () => readonly Writer[]): Finding {
  const hint =
    "Whoever can change this program, or put a file beside it, gets an administrator's rights with its next " +
    "elevated run. Move it into a folder that only administrators can write to, such as C:\\Program Files\\wintun.";
  try {
    const writers = find().map((writer) => describeWeakness({ kind: "writer", ...writer }));
    return writers.length === 0
      ? ok("folder", `Only administrators can change ${program} and what lies beside it.`)
      : warning("folder", `${Array.from(new Set(writers)).join("; ")}.`, hint);
  } catch (error) {
    if (!(error instanceof Win32Error)) throw error;
    return warning("folder", `It is not known who can change ${program}: ${error.message}.`, hint);
  }
}

function examineDevices(system: System): Finding[] {
  const present = listDevices(system);
  const remembered = listDevices(system, { remembered: true });
  const orphans = remembered.filter(({ instanceId }) =>
    !present.some((one) => one.instanceId === instanceId)
  );
  return [
    findDevices(present.length, orphans.length),
    findLegacy(listLegacyDevices(system).map(({ instanceId }) => instanceId)),
  ];
}

function examineOwners(system: System, holders: Holders): Finding {
  const lost = holders.list().filter(({ guid }) => isLost(system, holders, guid));
  return findLost(lost.map(({ name }) => name));
}

async function examineLibrary(system: System, loader: Loader): Promise<Finding[]> {
  try {
    const library = ok("library", await loader.describe("Cannot load wintun.dll"));
    // Loading the DLL would remove those devices.
    if (listLegacyDevices(system).length > 0) return [library];
    const version = runningDriverVersion(await loader.load("Cannot load wintun.dll"));
    return [library, findDriver(version)];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const hint = error instanceof HostError && error.hint !== ""
      ? error.hint
      : "Put the signed wintun.dll beside this program, or name it with --dll.";
    return [failed("library", `${message}.`, hint)];
  }
}
