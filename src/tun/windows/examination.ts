import type { System } from "../../windows/system.ts";
import { type SystemDll, SystemDllError } from "../../windows/system_functions.ts";
import { runningDriverVersion } from "../../wintun/library.ts";
import type { Finding } from "../host.ts";
import { HostError } from "../host_error.ts";
import { listDevices, listLegacyDevices } from "./devices.ts";
import { isLost } from "./inventory.ts";
import type { OwnerRecord, OwnerRecords } from "./owner_records.ts";
import type { Loader } from "./loader.ts";
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
  owners: OwnerRecords,
): Promise<Finding[]> {
  return [
    ok("platform", `Windows on ${Deno.build.arch}.`),
    examineFunctions(system),
    ...unlessMissing("elevation", () => [examineElevation(system)]),
    ...unlessMissing("devices", () => examineDevices(system)),
    ...unlessMissing("owners", () => [examineOwners(system, owners)]),
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
  const missing = new Map<SystemDll, string[]>();
  const unusable: string[] = [];
  const consequences = new Set<string>();
  let isNeeded = false;
  for (const table of USED_FUNCTIONS) {
    const { dll, since, without } = table;
    try {
      const names = libraries.missing(table);
      if (names.length === 0) continue;
      missing.set(dll, [...missing.get(dll) ?? [], ...names]);
    } catch (error) {
      if (!(error instanceof SystemDllError)) throw error;
      unusable.push(`${error.message}.`);
    }
    isNeeded ||= without === undefined;
    consequences.add(`${without ?? "wintun needs them."} ${since} and later have these functions.`);
  }
  if (consequences.size === 0) return ok("functions", "Windows has every function that this program uses.");
  const lists = Array.from(
    missing,
    ([dll, names]) => `${dll}.dll has no ${Array.from(new Set(names)).join(", ")}.`,
  );
  const message = [...new Set(unusable), ...lists].join(" ");
  return (isNeeded ? failed : warning)("functions", message, Array.from(consequences).join(" "));
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

function examineOwners(system: System, owners: OwnerRecords): Finding {
  const namesOf = (records: readonly OwnerRecord[]): string => records.map(({ name }) => name).join(", ");
  const stale = owners.list().filter((record) => !owners.isRunning(record));
  const lost = owners.list().filter(({ guid }) => isLost(system, owners, guid));
  if (stale.length + lost.length === 0) return ok("owners", "Every adapter of this program has its process.");
  const found = [
    ...(stale.length === 0 ? [] : [`The processes of these adapters have died: ${namesOf(stale)}.`]),
    ...(lost.length === 0
      ? []
      : [`Somebody has removed these adapters, and their processes still run: ${namesOf(lost)}.`]),
  ];
  return warning("owners", found.join(" "), "wintun delete NAME removes what is left.");
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
