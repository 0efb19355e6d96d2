import type { Interface } from "../../windows/network/interface.ts";
import type { Network } from "../../windows/network/network.ts";
import type { IpSettings } from "../../windows/network/ip_interface.ts";
import type { Family } from "../../windows/network/sockaddr_inet.ts";
import { MissingFunctionError } from "../../windows/system_functions.ts";
import { Win32Error } from "../../windows/win32_error.ts";
import { type Cidr, formatCidr } from "../../wire/cidr.ts";
import { equalIpAddress, formatIpAddress, type IpAddress } from "../../wire/ip_address.ts";
import { Changes, metricText } from "../changes.ts";
import type { Configured, Settings } from "../host.ts";
import { addressIsTaken, HostError } from "../host_error.ts";
import { IPV6_MIN_MTU, refuseSmallMtu } from "../mtu.ts";

/** The time that Windows may take to add an IP version to a new adapter's interface, which it makes after the device. */
const INTERFACE_WAIT_MS: Readonly<Record<Family, number>> = { 4: 15_000, 6: 3_000 };
const POLL_MS = 20;

/** Options for applying settings. */
export interface SettingsOptions {
  /** The adapter's name, for messages. */
  readonly name: string;
  /** Whether to change nothing and only to return the changes that would be made. */
  readonly dryRun?: boolean;
  /** Milliseconds of a clock that never goes back. Default: `performance.now`. */
  readonly now?: () => number;
}

/**
 * Applies `settings` to the interface with that NET_LUID.
 * @throws {HostError} as `Host.configure` does.
 * @throws {Win32Error} for other errors of Windows, with an operation that names the setting.
 */
export async function applySettings(
  network: Network,
  luid: bigint,
  settings: Settings,
  options: SettingsOptions,
): Promise<Configured> {
  return await new SettingsRun(network, luid, options).apply(settings);
}

/**
 * Refuses addresses that another interface than the one with that NET_LUID has.
 * @throws {HostError} `failed`, which names the interface.
 */
export function refuseTakenAddresses(
  network: Network,
  luid: bigint | undefined,
  addresses: readonly Cidr[],
  operation: string,
): void {
  for (const cidr of addresses) {
    const holder = holderOf(network, luid, cidr);
    if (holder !== undefined) throw addressIsTaken(operation, cidr, holder);
  }
}

/** Returns the name of another interface that has the address. Several interfaces may have the same link-local address. */
function holderOf(network: Network, luid: bigint | undefined, { address }: Cidr): string | undefined {
  for (const [holder, present] of network.addresses()) {
    if (holder === luid) continue;
    const isTaken = present.some((one) => !one.linkLocal && equalIpAddress(one.address, address));
    if (isTaken) return network.interface(holder).info()?.alias ?? `the one with LUID ${holder}`;
  }
  return undefined;
}

class SettingsRun {
  readonly #network: Network;
  readonly #interface: Interface;
  readonly #operation: string;
  readonly #dryRun: boolean;
  readonly #now: () => number;
  readonly #warnings: string[] = [];
  readonly #changes = new Changes();

  constructor(network: Network, luid: bigint, { name, dryRun = false, now }: SettingsOptions) {
    this.#network = network;
    this.#interface = network.interface(luid);
    this.#operation = `Cannot configure adapter "${name}"`;
    this.#dryRun = dryRun;
    this.#now = now ?? ((): number => performance.now());
  }

  async apply(settings: Settings): Promise<Configured> {
    if (this.#dryRun) {
      refuseTakenAddresses(this.#network, this.#interface.luid, settings.addresses ?? [], this.#operation);
    }
    if (Object.values(settings).every((setting) => setting === undefined)) {
      return { changed: false, changes: [], warnings: [] };
    }
    refuseSmallMtu(this.#operation, settings, {
      mtu: this.#interface.ip(4).settings()?.mtu,
      addresses: this.#interface.addresses.list().filter(({ manual }) => manual),
    });
    // If IPv4 has the MTU and metric already, IPv6 needs no wait: either a call that set them for IPv4 has waited for IPv6,
    // or both have the values of a new adapter.
    let isInterfaceNeeded = settings.mtu !== undefined || settings.metric !== undefined;
    for (const family of [4, 6] as const) {
      const wanted = this.#wanted(settings, family);
      const isNeeded = wanted.length > 0 || isInterfaceNeeded;
      const found = await this.#waitForInterface(family, isNeeded);
      if (found === undefined) {
        if (wanted.length > 0) {
          this.#warnings.push(`IPv${family} is off on this machine: ${wanted.join(", ")} was left out.`);
        }
        continue;
      }
      isInterfaceNeeded = this.#applyInterface(family, found, settings);
      if (settings.addresses !== undefined) this.#applyAddresses(family, settings.addresses);
      if (settings.routes !== undefined) this.#applyRoutes(family, settings.routes);
      if (settings.dns !== undefined) this.#applyDns(family, settings.dns);
    }
    const changes = this.#changes.list();
    return { changed: changes.length > 0, changes, warnings: this.#warnings };
  }

  /** Returns the addresses, routes and DNS servers of one family, as text. */
  #wanted({ addresses = [], routes = [], dns = [] }: Settings, family: Family): string[] {
    return [
      ...[...addresses, ...routes].filter(({ address }) => address.family === family).map(formatCidr),
      ...dns.filter((server) => server.family === family).map(formatIpAddress),
    ];
  }

  /**
   * Waits for the interface to appear in a family. Polls, because a notification may come before this code can listen for it.
   * Returns `undefined` if the interface does not appear in IPv6, or if it is not there and not needed.
   */
  async #waitForInterface(family: Family, isNeeded: boolean): Promise<IpSettings | undefined> {
    const deadlineMs = this.#now() + INTERFACE_WAIT_MS[family];
    for (;;) {
      const found = this.#interface.ip(family).settings();
      if (found !== undefined || !isNeeded) return found;
      if (this.#now() >= deadlineMs) break;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    if (family === 6) return undefined;
    throw new HostError("timeout", this.#operation, "Windows has not added IPv4 to it", {
      hint: "Is IPv4 turned off on this machine?",
    });
  }

  /** Applies MTU and metric to one family. Returns whether that changed anything. */
  #applyInterface(family: Family, found: IpSettings, { mtu, metric }: Settings): boolean {
    // IPv6 cannot have an MTU this small. Without IPv6 addresses that does not matter; with them, `apply` has refused it.
    const isMtuLeft = mtu === undefined || mtu === found.mtu || (family === 6 && mtu < IPV6_MIN_MTU);
    const isAutomatic = metric === 0;
    const isMetricLeft = metric === undefined ||
      (found.automaticMetric === isAutomatic && (isAutomatic || found.metric === metric));
    if (isMtuLeft && isMetricLeft) return false;
    if (!isMtuLeft) this.#changes.addValue("mtu", `${found.mtu}`, `${mtu}`);
    if (!isMetricLeft) {
      const before = metricText(found.automaticMetric ? 0 : found.metric);
      this.#changes.addValue("metric", before, metricText(metric));
    }
    if (this.#dryRun) return true;
    this.#attempt(`cannot set the IPv${family} interface`, () => {
      this.#interface.ip(family).change({
        ...(isMtuLeft ? {} : { mtu }),
        ...(isMetricLeft ? {} : { metric }),
      });
    });
    const now = this.#interface.ip(family).settings()?.mtu;
    if (isMtuLeft || now === mtu) return true;
    throw new HostError(
      "failed",
      this.#operation,
      `Windows changed the IPv${family} MTU ${mtu} to ${now}`,
    );
  }

  /** Replaces the addresses of one family by those of the settings. Addresses that Windows assigned itself (fe80::) stay. */
  #applyAddresses(family: Family, addresses: readonly Cidr[]): void {
    const wanted = addresses.filter(({ address }) => address.family === family);
    const present = this.#interface.addresses.list().filter(({ address, manual }) =>
      manual && address.family === family
    );
    this.#changes.addList("address", present.map(formatCidr), wanted.map(formatCidr));
    if (this.#dryRun) return;
    // New addresses are added before old ones are removed, so that the adapter always has one. The exception is an address
    // whose prefix length changes: Windows can have it once only.
    const old = present.filter((one) => !wanted.some((cidr) => equalCidr(cidr, one)));
    const inTheWay = old.filter((one) => wanted.some(({ address }) => equalIpAddress(address, one.address)));
    for (const one of inTheWay) this.#removeAddress(one);
    for (const cidr of wanted) {
      if (!present.some((one) => equalCidr(cidr, one))) this.#addAddress(cidr);
    }
    for (const one of old) {
      if (!inTheWay.includes(one)) this.#removeAddress(one);
    }
  }

  #removeAddress(cidr: Cidr): void {
    this.#attempt(
      `cannot remove the address ${formatCidr(cidr)}`,
      () => this.#interface.addresses.remove(cidr),
    );
  }

  #addAddress(cidr: Cidr): void {
    const { addresses } = this.#interface;
    const add = (): boolean => addresses.add(cidr);
    if (this.#attempt(`cannot add the address ${formatCidr(cidr)}`, add)) return;
    // Windows also reports "exists already" for an address that another interface has.
    if (addresses.list().some(({ address }) => equalIpAddress(address, cidr.address))) return;
    throw addressIsTaken(this.#operation, cidr, holderOf(this.#network, this.#interface.luid, cidr));
  }

  /**
   * Replaces the routes of one family that somebody set by those of the settings. The routes that belong to addresses
   * stay.
   */
  #applyRoutes(family: Family, routes: readonly Cidr[]): void {
    const wanted = routes.filter(({ address }) => address.family === family);
    const present = this.#interface.routes.list().filter(({ address, manual }) =>
      manual && address.family === family
    );
    this.#changes.addList("route", present.map(formatCidr), wanted.map(formatCidr));
    if (this.#dryRun) return;
    for (const cidr of wanted) {
      if (present.some((one) => equalCidr(cidr, one))) continue;
      this.#attempt(`cannot add the route ${formatCidr(cidr)}`, () => this.#interface.routes.add(cidr));
    }
    for (const one of present) {
      if (wanted.some((cidr) => equalCidr(cidr, one))) continue;
      this.#attempt(
        `cannot remove the route ${formatCidr(one)}`,
        () => this.#interface.routes.remove(one),
      );
    }
  }

  #applyDns(family: Family, dns: readonly IpAddress[]): void {
    const servers = this.#interface.dns;
    const wanted = dns.filter((server) => server.family === family).map(formatIpAddress);
    try {
      this.#attempt(`cannot set the IPv${family} DNS servers`, () => {
        const present = servers.get(family);
        this.#changes.addList("dns", present ?? [], wanted);
        if (!this.#dryRun && present?.join() !== wanted.join()) servers.set(family, wanted);
      });
    } catch (error) {
      if (!(error instanceof MissingFunctionError)) throw error;
      throw new HostError(
        "failed",
        this.#operation,
        "this Windows cannot set the DNS servers of an interface",
        {
          hint: `That needs ${error.since} or later; leave out --dns.`,
          cause: error,
        },
      );
    }
  }

  /** Makes one change. A Windows error gets an operation that names the change. */
  #attempt<T>(what: string, change: () => T): T {
    try {
      return change();
    } catch (error) {
      if (!(error instanceof Win32Error)) throw error;
      throw new Win32Error(error.code, `${this.#operation}: ${what}`);
    }
  }
}

function equalCidr(a: Cidr, b: Cidr): boolean {
  return a.prefixLength === b.prefixLength && equalIpAddress(a.address, b.address);
}
