import type { AdapterInfo } from "../../tun/adapter_info.ts";
import { type Change, changesBetween, nounOf } from "../../tun/changes.ts";
import type { DnsRule } from "../../tun/settings/dns_rule.ts";
import type { Route } from "../../tun/settings/route.ts";
import type { Settings } from "../../tun/settings/settings.ts";
import { formatCidr } from "../../wire/cidr.ts";
import { formatIpAddress } from "../../wire/ip_address.ts";
import type { Output } from "../process/output.ts";
import { printable } from "../process/printable.ts";

/**
 * Reports the adapter that a command found, made or changed.
 * @param fields Further fields for programs.
 * @param outcome The outcome for people, such as `created`.
 */
export function reportAdapter(
  output: Output,
  info: AdapterInfo,
  fields: Readonly<Record<string, unknown>>,
  outcome: string,
): void {
  if (output.json) output.resultJson({ ...fields, adapter: adapterFields(info) });
  else output.result(`${describeAdapter(info)} (${outcome})`);
}

/** Returns the fields of an adapter for programs, as `wintun help json` describes them. */
export function adapterFields(info: AdapterInfo): Record<string, unknown> {
  const { name, type, guid, luid, ifIndex, instanceId, state, mtu, metric, addresses, owner, session, end } =
    info;
  return {
    name,
    type,
    guid,
    luid,
    ifIndex,
    instanceId,
    driverVersion: info.driverVersion ?? null,
    state,
    mtu,
    metric,
    addresses: addresses.map(formatCidr),
    ...detailFields(info),
    persistent: info.persistent ?? false,
    service: info.service ?? null,
    exitCode: end?.exitCode ?? null,
    reason: end?.reason ?? null,
    startSettings: info.startSettings === undefined ? null : settingFields(info.startSettings),
    owner: owner === undefined
      ? null
      : { pid: owner.pid ?? null, ours: owner.ours, role: owner.role ?? null },
    session: session === undefined ? null : { pid: session.pid },
  };
}

/** Returns what Windows reports of the network interface: `null` for each field if there is none. */
function detailFields({ createdAs, details }: AdapterInfo): Record<string, unknown> {
  return {
    createdAs: createdAs ?? null,
    connected: details?.connected ?? null,
    ipv4: details?.ip[4] ?? null,
    ipv6: details?.ip[6] ?? null,
    routes: details?.routes.map(routeFields) ?? null,
    dns: details?.dns?.map(formatIpAddress) ?? null,
    dnsSuffix: details?.dnsSuffix ?? null,
    dnsSearch: details?.dnsSearch ?? null,
    dnsRegistration: details?.dnsRegistration ?? null,
    category: details?.category ?? null,
    givenCategory: details?.givenCategory ?? null,
    dnsFor: details?.dnsFor?.map(dnsRuleFields) ?? null,
    traffic: details?.traffic ?? null,
  };
}

/** Returns settings by the names of their options, as changes have them. */
function settingFields(settings: Settings): Record<string, readonly string[]> {
  return Object.fromEntries(changesBetween({}, settings).map(({ setting, after }) => [setting, after]));
}

function routeFields({ via, metric = 0, ...destination }: Route): Record<string, unknown> {
  return {
    destination: formatCidr(destination),
    gateway: via === undefined ? null : formatIpAddress(via),
    metric,
  };
}

function dnsRuleFields({ name, servers }: DnsRule): Record<string, unknown> {
  return { name, servers: servers.map(formatIpAddress) };
}

/** Returns the process that holds an adapter, and the process of this program that serves it if that is another, for people. */
export function describeOwner(info: AdapterInfo): string {
  const { owner, session } = info;
  const holder = describeHolder(info);
  if (session === undefined || session.pid === owner?.pid) return holder;
  return `${holder}, serve (process ${session.pid})`;
}

function describeHolder({ owner, state, persistent, end }: AdapterInfo): string {
  if (owner === undefined) return state === "up" || state === "down" ? "another program" : "-";
  if (end !== undefined) return `persistent keeper, does not run: ${printable(end.reason)}`;
  const role = owner.role !== "keeper" ? "serve" : persistent ? "persistent keeper" : "keeper";
  // A service that starts may have no process yet.
  return owner.pid === undefined ? role : `${role} (process ${owner.pid})`;
}

/** Returns an adapter's name, addresses and MTU as one line for people. */
export function describeAdapter(info: AdapterInfo): string {
  return `${printable(info.name)}: ${describeNetwork(info)}`;
}

/** Returns an adapter's addresses and MTU as part of a sentence, or its state if Windows has no interface of it. */
export function describeNetwork({ addresses, mtu, state }: AdapterInfo): string {
  if (state !== "up" && state !== "down") return state;
  const list = addresses.length === 0 ? "no address" : addresses.map(formatCidr).join(", ");
  return `${list}, MTU ${mtu}`;
}

/** Returns changes as part of a sentence: `address from 10.6.7.7/24 to none, MTU from 1400 to 1500`. */
export function describeChanges(changes: readonly Change[]): string {
  return changes.map((change) => `${nounOf(change)} from ${textOf(change.before)} to ${textOf(change.after)}`)
    .join(", ");
}

/** Returns what a setting becomes as part of a sentence: `MTU 1500`. */
export function describeAfter(change: Change): string {
  return `${nounOf(change)} ${textOf(change.after)}`;
}

function textOf(values: readonly string[]): string {
  return values.length === 0 ? "none" : values.join(" ");
}
