import type { Traffic } from "../windows/network/interface_info.ts";
import type { IpSettings } from "../windows/network/ip_interface.ts";
import type { NetworkCategory, SettableCategory } from "../windows/network/network_list.ts";
import type { Cidr } from "../wire/cidr.ts";
import type { IpAddress } from "../wire/ip_address.ts";
import type { DnsRule } from "./settings/dns_rule.ts";
import type { Route } from "./settings/route.ts";
import type { ByFamily } from "./settings/setting.ts";
import type { Settings } from "./settings/settings.ts";

/** An adapter as `list` shows it. */
export interface AdapterInfo {
  readonly name: string;
  /** The name at creation; absent if the adapter still has that name, or if it is not known. */
  readonly createdAs?: string;
  readonly type: string;
  /** Lower case, without braces. */
  readonly guid: string;
  /** NET_LUID as an unsigned 64-bit number. */
  readonly luid: bigint;
  readonly ifIndex: number;
  /** Device instance id, `SWD\Wintun\{GUID}`; empty if the adapter is `foreign`. */
  readonly instanceId: string;
  /** The version of the driver that Windows installed for its device, `0.14.0.0`. Absent if Windows does not report it. */
  readonly driverVersion?: string;
  /** Media state: `up` while a session is open. */
  readonly state: AdapterState;
  /** Bytes; that of IPv4 if both families have one. 0 without an interface. */
  readonly mtu: number;
  /** Interface metric; that of IPv4 if both families have one. 0 without an interface. */
  readonly metric: number;
  /** Without the link-local addresses that Windows assigns (fe80::). */
  readonly addresses: readonly Cidr[];
  /** What `list` and `find` report of its network interface. Absent if it has none. */
  readonly details?: InterfaceDetails;
  /** Absent if the owner is not known. */
  readonly owner?: AdapterOwner;
  /** Name of the service of this program that holds it. Absent if none does. */
  readonly service?: string;
  /** Whether it comes back when Windows starts. Default: `false`. */
  readonly persistent?: boolean;
  /** Why its service does not run. Present if the state is `stopped`. */
  readonly end?: HolderEnd;
  /** The settings that it gets when its service starts. Present if the state is `stopped`, and its order can be read. */
  readonly startSettings?: Settings;
  /** Absent if no process of this program serves the adapter. Another program may still serve it. */
  readonly session?: SessionOwner;
}

/** What an adapter has without a network interface. */
export const NO_INTERFACE = { luid: 0n, ifIndex: 0, mtu: 0, metric: 0, addresses: [] } as const;

/** What Windows reports of an adapter's network interface. */
export interface InterfaceDetails {
  /** Whether a session is open, as Windows sees it. */
  readonly connected: boolean;
  /** MTU, metric and forwarding of each IP version that the interface has. */
  readonly ip: ByFamily<IpSettings>;
  /** The routes that somebody set. */
  readonly routes: readonly Route[];
  /** The DNS servers that somebody set. Absent if this Windows does not report them. */
  readonly dns?: readonly IpAddress[];
  /** The connection's own DNS suffix, or "". It and the next two are absent if this Windows does not report them. */
  readonly dnsSuffix?: string;
  readonly dnsSearch?: readonly string[];
  readonly dnsRegistration?: boolean;
  /** The category of its network. Absent while Windows has identified none, and if this Windows does not report it. */
  readonly category?: NetworkCategory;
  /** The category that its holder gives the network whenever Windows identifies it. Absent if it is left to Windows. */
  readonly givenCategory?: SettableCategory;
  /** The DNS servers of names under a domain. Absent if this user may not read them. */
  readonly dnsFor?: readonly DnsRule[];
  /** Absent in what `configuredInterface` returns. */
  readonly traffic?: Traffic;
}

/** The process of this program that serves an adapter, or has created it with the role `command` to serve it. */
export interface SessionOwner {
  readonly pid: number;
}

/** How a service ended that is to hold an adapter. */
export interface HolderEnd {
  /** Exit code of this program; `undefined` if the service ended otherwise. */
  readonly exitCode: number | undefined;
  /** Why it does not run, as the end of a sentence. */
  readonly reason: string;
}

/** The process that holds an adapter. Windows removes the adapter when this process ends. */
export interface AdapterOwner {
  /** Absent if the adapter is `stopped`: its service has no process. */
  readonly pid?: number;
  /** Whether it is a process of this program. */
  readonly ours: boolean;
  /** Present if it is a process of this program. */
  readonly role?: OwnerRole;
}

/** A `keeper` only holds an adapter; a `command` holds it while it runs, as `serve` does. */
export type OwnerRole = "keeper" | "command";

/**
 * - `up`: a session is open.
 * - `down`: no session is open.
 * - `starting`: a service of this program is creating it, or setting it up.
 * - `stopped`: it is persistent, and its service does not run.
 * - `lost`: somebody else has removed it, and its owner, a process of this program, still runs.
 * - `orphaned`: a device without a network interface.
 * - `legacy`: made by Wintun 0.13 or older.
 * - `foreign`: a network adapter that is not Wintun's.
 */
export type AdapterState =
  | "up"
  | "down"
  | "starting"
  | "stopped"
  | "lost"
  | "orphaned"
  | "legacy"
  | "foreign";
