import type { DriverVersion } from "../wintun/library.ts";
import type { HolderEnd } from "./adapter_info.ts";
import { startHint } from "./host_error.ts";

/** The result of one check of `examine`. */
export interface Finding {
  /** The short name of the check, for programs: `elevation`, `library`. */
  readonly check: string;
  /** `warning`: everything works, but the user should know something. `failed`: something will not work. */
  readonly result: "ok" | "warning" | "failed";
  /** The result, as a sentence. */
  readonly message: string;
  /** The advice for the user, as a sentence; "" if there is none. */
  readonly hint: string;
}

// Findings that Windows and a simulated machine have in common, so that they have the same texts.

/** Returns the finding of a check that found nothing wrong. @param message A sentence. */
export function ok(check: string, message: string): Finding {
  return { check, result: "ok", message, hint: "" };
}

/** Returns a finding that the user should know of, with advice. */
export function warning(check: string, message: string, hint: string): Finding {
  return { check, result: "warning", message, hint };
}

/** Returns a finding that something will not work, with advice. */
export function failed(check: string, message: string, hint: string): Finding {
  return { check, result: "failed", message, hint };
}

/** Returns whether this process may change adapters. */
export function findElevation(isElevated: boolean): Finding {
  if (isElevated) return ok("elevation", "This process is elevated.");
  return warning(
    "elevation",
    "This process is not elevated. It can list adapters, but not change them.",
    "Run from an administrator's prompt to create, serve, change or delete adapters.",
  );
}

/** Returns how many devices of Wintun 0.14 are present, and how many have no adapter. */
export function findDevices(present: number, orphans: number): Finding {
  return orphans === 0
    ? ok("devices", `Wintun adapters: ${present}. No device without an adapter.`)
    : warning(
      "devices",
      `Devices without an adapter: ${orphans}.`,
      "wintun list --all shows them. wintun.dll removes them when an adapter is created.",
    );
}

/** Returns which devices of Wintun 0.13 or older there are. @param ids Their instance ids. */
export function findLegacy(ids: readonly string[]): Finding {
  return ids.length === 0 ? ok("legacy", "No devices of Wintun 0.13 or older.") : failed(
    "legacy",
    `There are devices of Wintun 0.13 or older: ${ids.join(", ")}.`,
    "wintun.dll would remove them, so this program does not load it without --remove-legacy. Update or remove the program " +
      "that made them.",
  );
}

/** Returns which adapters are lost. @param names Their names. */
export function findLost(names: readonly string[]): Finding {
  if (names.length === 0) return ok("owners", "No process of this program has lost its adapter.");
  return warning(
    "owners",
    `Somebody has removed these adapters, and their processes still run: ${names.join(", ")}.`,
    "wintun delete NAME removes what is left.",
  );
}

/** What is wrong with the service of an adapter. */
export interface ServiceFault {
  /** A sentence without a full stop. */
  readonly message: string;
  readonly hint: string;
  /** Whether the service cannot start. */
  readonly isFatal?: true;
}

/** Returns the fault of a persistent adapter that is stopped. */
export function stoppedFault(name: string, { reason }: HolderEnd): ServiceFault {
  return {
    message: `Adapter "${name}" is stopped: ${reason}`,
    hint: startHint(name),
  };
}

/** Returns what is wrong with the services of this program, or how many there are. */
export function findServices(count: number, faults: readonly ServiceFault[]): Finding {
  const check = "services";
  if (faults.length === 0) return ok(check, `Services that hold adapters: ${count}.`);
  const message = faults.map(({ message }) => `${message}.`).join(" ");
  const hints = faults.map(({ hint }) => hint).filter((hint) => hint !== "");
  const hint = Array.from(new Set(hints)).join(" ");
  return faults.some(({ isFatal }) => isFatal) ? failed(check, message, hint) : warning(check, message, hint);
}

/** Returns how many DNS rules of this program there are, or those that are left of adapters that are gone. */
export function findDnsRules(count: number, left: readonly string[]): Finding {
  const check = "dns-rules";
  if (left.length === 0) return ok(check, `Rules of --dns-for: ${count}. Each belongs to an adapter.`);
  return warning(
    check,
    `Rules of --dns-for are left of adapters that are gone: ${left.join(", ")}.`,
    "Windows still asks their servers. The next wintun create or wintun delete removes the rules.",
  );
}

/** Describes a rule that is left, for `findDnsRules`. @param names The domains of the rule. */
export function describeLeftRule(names: string, adapter: string, guid: string): string {
  return `${names} (adapter "${adapter}" ${guid})`;
}

/** Returns which driver is loaded. */
export function findDriver(version: DriverVersion | undefined): Finding {
  return ok(
    "driver",
    version === undefined
      ? "No driver is loaded. Creating an adapter loads it."
      : `Driver ${version.major}.${version.minor} is loaded.`,
  );
}
