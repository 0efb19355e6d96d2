import type { System } from "../../windows/system.ts";
import { OLDEST_WINDOWS, SystemDllError } from "../../windows/system_functions.ts";
import { Win32Error } from "../../windows/win32_error.ts";
import { describeWeakness } from "../../windows/program_protection.ts";
import { type Writer, writersOf } from "../../windows/writers.ts";
import { runningDriverVersion } from "../../wintun/library.ts";
import type { Finding } from "../host.ts";
import { HostError } from "../host_error.ts";
import { examineDnsRules } from "./dns_rules.ts";
import { listDevices, listLegacyDevices } from "./devices.ts";
import type { Holders } from "./holders.ts";
import { isLost } from "./inventory.ts";
import type { Loader } from "./loader.ts";
import { examineServices } from "./service_examination.ts";
import { USED_FUNCTIONS } from "./used_functions.ts";

const ok = (check: string, message: string): Finding => ({ check, result: "ok", message, hint: "" });
const warning = (check: string, message: string, hint: string): Finding => ({
  check,
  result: "warning",
  message,
  hint,
});
const failed = (check: string, message: string, hint: string): Finding => ({
  check,
  result: "failed",
  message,
  hint,
});

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
    ...unlessMissing("elevation", () => [examineElevation(system)]),
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

function examineElevation(system: System): Finding {
  if (system.isElevated()) return ok("elevation", "This process is elevated.");
  return warning(
    "elevation",
    "This process is not elevated. It can list adapters, but not change them.",
    "Run from an administrator's prompt to create, serve, change or delete adapters.",
  );
}

function examineDevices(system: System): Finding[] {
  const present = listDevices(system);
  const remembered = listDevices(system, { remembered: true });
  const orphans = remembered.filter(({ instanceId }) =>
    !present.some((one) => one.instanceId === instanceId)
  );
  const legacy = listLegacyDevices(system);
  return [
    orphans.length === 0
      ? ok("devices", `Wintun adapters: ${present.length}. No device without an adapter.`)
      : warning(
        "devices",
        `Devices without an adapter: ${orphans.length}.`,
        "wintun list --all shows them. wintun.dll removes them when an adapter is created.",
      ),
    legacy.length === 0 ? ok("legacy", "No devices of Wintun 0.13 or older.") : failed(
      "legacy",
      `There are devices of Wintun 0.13 or older: ${legacy.map(({ instanceId }) => instanceId).join(", ")}.`,
      "wintun.dll would remove them, so nothing here loads it without --remove-legacy. Update or remove the program " +
        "that made them.",
    ),
  ];
}

function examineOwners(system: System, holders: Holders): Finding {
  const lost = holders.list().filter(({ guid }) => isLost(system, holders, guid));
  if (lost.length === 0) return ok("owners", "Every adapter of this program has its process.");
  const names = lost.map(({ name }) => name).join(", ");
  return warning(
    "owners",
    `Somebody has removed these adapters, and their processes still run: ${names}.`,
    "wintun delete NAME removes what is left.",
  );
}

async function examineLibrary(system: System, loader: Loader): Promise<Finding[]> {
  try {
    const library = ok("library", await loader.describe("Cannot load wintun.dll"));
    // Loading the DLL would remove those devices.
    if (listLegacyDevices(system).length > 0) return [library];
    const version = runningDriverVersion(await loader.load("Cannot load wintun.dll"));
    const driver = version === undefined
      ? "No driver is loaded. Creating an adapter loads it."
      : `Driver ${version.major}.${version.minor} is loaded.`;
    return [library, ok("driver", driver)];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const hint = error instanceof HostError && error.hint !== ""
      ? error.hint
      : "Put the signed wintun.dll beside this program, or name it with --dll.";
    return [failed("library", `${message}.`, hint)];
  }
}
