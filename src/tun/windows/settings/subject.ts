import type { Interface } from "../../../windows/network/interface.ts";
import type { Network } from "../../../windows/network/network.ts";
import type { Family } from "../../../windows/network/sockaddr_inet.ts";
import type { Settings } from "../../settings/settings.ts";

/** Settings that Windows reads and writes together. */
export interface Subject<Name extends keyof Settings = keyof Settings> {
  /** Which they are. */
  readonly settings: readonly Name[];
  /** Returns what the interface has now, of these IP versions. What Windows does not report is left out. */
  read(found: Interface, families: readonly Family[]): Pick<Settings, Name>;
  /**
   * Checks what is wanted before anything is changed, and in a dry run. Returns warnings, whether it changes anything or not.
   * @throws {HostError}
   */
  check?(change: SettingsChange): readonly string[];
  /** Changes the interface where `wanted` differs from `present`. May return warnings. */
  write(change: SettingsChange): void | Promise<readonly string[]>;
}

/** A change of an interface's settings that is being made. */
export interface SettingsChange {
  readonly network: Network;
  readonly found: Interface;
  /** The IP versions that the interface has. */
  readonly families: readonly Family[];
  /** What the interface has. */
  readonly present: Settings;
  /** What it is to have. Absent settings, and absent values of an IP version, stay. */
  readonly wanted: Settings;
  /** The operation that errors name. */
  readonly operation: string;
  /** Makes one step, which may return a promise. An error of Windows gets an operation that names the step. */
  attempt<T>(step: string, make: () => T): T;
}
