import type { Change } from "../../tun/changes.ts";
import type { AdapterInfo } from "../../tun/host.ts";
import { formatCidr } from "../../wire/cidr.ts";
import { printable } from "../process/printable.ts";

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
    state,
    mtu,
    metric,
    addresses: addresses.map(formatCidr),
    persistent: info.persistent ?? false,
    service: info.service ?? null,
    exitCode: end?.exitCode ?? null,
    reason: end?.reason ?? null,
    owner: owner === undefined
      ? null
      : { pid: owner.pid ?? null, ours: owner.ours, role: owner.role ?? null },
    session: session === undefined ? null : { pid: session.pid },
  };
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
  return `${role} (process ${owner.pid})`;
}

/** Returns an adapter's name, addresses and MTU as one line for people. */
export function describeAdapter(info: AdapterInfo): string {
  return `${printable(info.name)}: ${describeNetwork(info)}`;
}

/** Returns an adapter's addresses and MTU as part of a sentence. */
export function describeNetwork({ addresses, mtu }: AdapterInfo): string {
  const list = addresses.length === 0 ? "no address" : addresses.map(formatCidr).join(", ");
  return `${list}, MTU ${mtu}`;
}

const SETTING_NAMES: Readonly<Record<Change["setting"], string>> = {
  address: "address",
  mtu: "MTU",
  metric: "metric",
  dns: "DNS",
  route: "route",
};

/** Returns changes as part of a sentence: `address from 10.6.7.7/24 to none, MTU from 1400 to 1500`. */
export function describeChanges(changes: readonly Change[]): string {
  const text = (list: readonly string[]): string => list.length === 0 ? "none" : list.join(" ");
  return changes.map(({ setting, before, after }) =>
    `${SETTING_NAMES[setting]} from ${text(before)} to ${text(after)}`
  ).join(", ");
}
