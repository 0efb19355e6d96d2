import type { Interface } from "../../../windows/network/interface.ts";
import type { Network } from "../../../windows/network/network.ts";
import type { Family } from "../../../windows/network/sockaddr_inet.ts";
import { Win32Error } from "../../../windows/win32_error.ts";
import { becomesTrue } from "../../becomes_true.ts";
import { type Change, changesBetween } from "../../changes.ts";
import type { Configured } from "../../host.ts";
import { cannot, HostError, noSuchAdapter } from "../../host_error.ts";
import { refuseSmallMtu } from "../../mtu.ts";
import { FAMILIES } from "../../settings/setting.ts";
import {
  formatSettings,
  restrictSettings,
  selectSettings,
  type Settings,
  settingsOfScope,
} from "../../settings/settings.ts";
import { addressSubject, refuseTakenAddresses } from "./addresses.ts";
import { dnsSubject } from "./dns.ts";
import { ipInterfaceSubject } from "./ip_interface.ts";
import { routeSubject } from "./routes.ts";
import type { SettingsChange, Subject } from "./subject.ts";

/** In the order in which they are written: an IPv6 address needs an MTU that is large enough. */
const SUBJECTS: readonly Subject[] = [ipInterfaceSubject, addressSubject, routeSubject, dnsSubject];

/** The time that Windows may take to add an IP version to a new adapter's interface, which it makes after the device. */
const INTERFACE_WAIT_MS: Readonly<Record<Family, number>> = { 4: 15_000, 6: 3_000 };

/** Options for applying settings. */
export interface SettingsOptions {
  /** The adapter's name, for messages. */
  readonly name: string;
  /** Whether to change nothing and only to return the changes that would be made. */
  readonly dryRun?: boolean;
  /** Subjects besides those of every interface. */
  readonly more?: readonly Subject[];
  /** Called last, when everything is written. If it throws, everything is taken back. */
  readonly finish?: () => Promise<void>;
  /** Milliseconds of a clock that never goes back. Default: `performance.now`. */
  readonly now?: () => number;
}

/**
 * Applies `settings` to the interface with that NET_LUID. After an error it takes back what it changed.
 * @throws {HostError} as `Host.configure` does.
 * @throws {Win32Error} for other errors of Windows, with an operation that names the setting.
 */
export async function applySettings(
  network: Network,
  luid: bigint,
  settings: Settings,
  options: SettingsOptions,
): Promise<Configured> {
  try {
    return await new SettingsRun(network, luid, settings, options).apply();
  } catch (error) {
    // The functions of Windows report various codes while somebody removes the adapter.
    if (!(error instanceof Win32Error) || network.interface(luid).info() !== undefined) throw error;
    throw noSuchAdapter(cannot("configure", options.name), { cause: error });
  }
}

/** A subject, and what it had before the change. */
interface SubjectBefore {
  readonly subject: Subject;
  readonly before: Settings;
}

class SettingsRun {
  readonly #network: Network;
  readonly #interface: Interface;
  readonly #settings: Settings;
  readonly #operation: string;
  readonly #dryRun: boolean;
  /** The subjects of the settings to apply. Others are not read. */
  readonly #subjects: readonly Subject[];
  readonly #finish: () => Promise<void>;
  readonly #now: () => number;

  constructor(network: Network, luid: bigint, settings: Settings, options: SettingsOptions) {
    const { name, dryRun = false, more = [], finish = () => Promise.resolve(), now } = options;
    this.#network = network;
    this.#interface = network.interface(luid);
    this.#settings = settings;
    this.#operation = cannot("configure", name);
    this.#dryRun = dryRun;
    this.#subjects = [...SUBJECTS, ...more].filter((subject) =>
      subject.settings.some((key) => settings[key] !== undefined)
    );
    this.#finish = finish;
    this.#now = now ?? ((): number => performance.now());
  }

  async apply(): Promise<Configured> {
    const settings = this.#settings;
    if (this.#dryRun) {
      refuseTakenAddresses(this.#network, this.#interface.luid, settings.addresses ?? [], this.#operation);
    }
    if (Object.values(settings).every((setting) => setting === undefined)) {
      return { changed: false, changes: [], warnings: [] };
    }
    refuseSmallMtu(this.#operation, settings, {
      mtu: this.#interface.ip(4).settings()?.mtu,
      addresses: addressSubject.read(this.#interface, FAMILIES).addresses,
    });
    const families = await this.#findFamilies(settings);
    if (families.length === 0 && this.#interface.info() === undefined) throw noSuchAdapter(this.#operation);
    const wanted = restrictSettings(settings, families);
    const read = this.#subjects.map((subject) => ({
      subject,
      before: selectSettings(subject.read(this.#interface, families), wanted),
    }));
    const present: Settings = Object.assign({}, ...read.map(({ before }) => before));
    const changes = changesBetween(present, wanted);
    const change = this.#changeFrom(families, present, wanted);
    const warnings = [
      ...this.#leftOut(settings, families),
      ...this.#subjects.flatMap((subject) => subject.check?.(change) ?? []),
      ...(this.#dryRun ? [] : await this.#make(change, read)),
    ];
    return { changed: changes.length > 0, changes, warnings };
  }

  /** Returns the IP versions that the interface has. Waits for those that the settings need. */
  async #findFamilies(settings: Settings): Promise<Family[]> {
    const ipv4 = restrictSettings(settings, [4]);
    const isValue = Object.keys(settingsOfScope(settings, "family")).length > 0;
    const hasIpv4 = await this.#hasFamily(4, isValue || formatSettings(ipv4).length > 0);
    // If IPv4 has the values of both already, IPv6 needs no wait: either a call that set them for IPv4 has waited for IPv6, or
    // both have the values of a new adapter.
    const present = ipInterfaceSubject.read(this.#interface, hasIpv4 ? [4] : []);
    const isIpv6Needed = onlyForIpv6(settings).length > 0 ||
      changesBetween(present, settingsOfScope(ipv4, "family")).length > 0;
    const hasIpv6 = await this.#hasFamily(6, isIpv6Needed);
    return FAMILIES.filter((family) => family === 4 ? hasIpv4 : hasIpv6);
  }

  /**
   * Returns whether the interface has an IP version; if it is needed, waits until it has. Polls, because a notification may
   * come before this code can listen for it.
   * @throws {HostError} `timeout` if IPv4 is needed and does not come, `not-found` if the interface goes.
   */
  async #hasFamily(family: Family, isNeeded: boolean): Promise<boolean> {
    const isThere = (): boolean => {
      if (this.#interface.ip(family).settings() !== undefined) return true;
      if (isNeeded && this.#interface.info() === undefined) throw noSuchAdapter(this.#operation);
      return false;
    };
    if (!isNeeded) return isThere();
    if (await becomesTrue(isThere, this.#now() + INTERFACE_WAIT_MS[family], this.#now)) return true;
    if (family === 6) return false;
    throw new HostError("timeout", this.#operation, "Windows has not added IPv4 to it", {
      hint: "Check whether IPv4 is turned off on this machine.",
    });
  }

  #leftOut(settings: Settings, families: readonly Family[]): string[] {
    const left = families.includes(6) ? [] : onlyForIpv6(settings);
    return left.length === 0 ? [] : [`IPv6 is off on this machine: ${left.join(", ")} was left out.`];
  }

  /** Makes a change, or none of it. Returns warnings. */
  async #make(change: SettingsChange, read: readonly SubjectBefore[]): Promise<readonly string[]> {
    try {
      const warnings = await this.#write(change);
      await this.#finish();
      return warnings;
    } catch (error) {
      await this.#takeBack(change.families, read, error);
      throw error;
    }
  }

  /** Sets everything back. @throws {HostError} `failed`, with what is left, if that is not possible. */
  async #takeBack(
    families: readonly Family[],
    read: readonly SubjectBefore[],
    cause: unknown,
  ): Promise<void> {
    const left: Change[] = [];
    for (const one of read) left.push(...await this.#trySetBack(families, one));
    if (left.length === 0) return;
    const reason = cause instanceof Win32Error || cause instanceof HostError ? cause.reason : String(cause);
    const texts = left.map(({ setting, after }) => `--${setting} ${after.join(" ") || "none"}`);
    throw new HostError("failed", this.#operation, reason, {
      hint: `Some settings are changed, and Windows does not take the old ones back: ${texts.join(", ")}.`,
      cause,
    });
  }

  /** Returns what could not be set back of one subject. An interface that is gone has nothing left. */
  async #trySetBack(
    families: readonly Family[],
    { subject, before }: SubjectBefore,
  ): Promise<readonly Change[]> {
    try {
      await subject.write(this.#changeFrom(families, subject.read(this.#interface, families), before));
      return [];
    } catch {
      if (this.#interface.info() === undefined) return [];
      return changesBetween(this.#tryRead(subject, families), before);
    }
  }

  /** Returns what a subject has now, or nothing if Windows does not report it any more. */
  #tryRead(subject: Subject, families: readonly Family[]): Settings {
    try {
      return subject.read(this.#interface, families);
    } catch {
      return {};
    }
  }

  #changeFrom(families: readonly Family[], present: Settings, wanted: Settings): SettingsChange {
    return {
      network: this.#network,
      found: this.#interface,
      families,
      present,
      wanted,
      operation: this.#operation,
      attempt: (step, make) => this.#attempt(step, make),
    };
  }

  /** Returns warnings. */
  async #write(change: SettingsChange): Promise<readonly string[]> {
    const warnings: string[] = [];
    for (const subject of this.#subjects) warnings.push(...await subject.write(change) ?? []);
    return warnings;
  }

  #attempt<T>(step: string, make: () => T): T {
    const fail = (error: unknown): never => {
      if (!(error instanceof Win32Error)) throw error;
      throw new Win32Error(error.code, `${this.#operation}: ${step}`);
    };
    try {
      const made = make();
      return made instanceof Promise ? made.catch(fail) as T : made;
    } catch (error) {
      return fail(error);
    }
  }
}

/** Returns the texts of the settings that are for IPv6 alone. */
function onlyForIpv6(settings: Settings): string[] {
  const forBoth = restrictSettings(settingsOfScope(settings, "family"), [4]);
  const ofInterface = settingsOfScope(settings, "interface");
  const alone = Object.entries(restrictSettings(settings, [6]))
    .filter(([key]) => !(key in forBoth) && !(key in ofInterface));
  return formatSettings(Object.fromEntries(alone));
}
