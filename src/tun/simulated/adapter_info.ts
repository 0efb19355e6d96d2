import { netLuid } from "../../windows/network/net_luid.ts";
import type { DriverVersion } from "../../wintun/library.ts";
import { type AdapterInfo, type AdapterState, NO_INTERFACE } from "../adapter_info.ts";
import { compareNames } from "../adapter_name.ts";
import { configuredInterface } from "../configured_interface.ts";
import { instanceIdOf } from "../instance_id.ts";
import { serviceName } from "../service_name.ts";
import { CATEGORY_OF_NEW_NETWORKS } from "../settings/category.ts";
import { hasInterface, isUp, isWintun, type Machine, type MachineAdapter } from "./machine.ts";

/** IF_TYPE_PROP_VIRTUAL (ipifcons.h), the interface type of Wintun adapters. */
const INTERFACE_TYPE = 53;
/** The metric that Windows chooses for a Wintun adapter. */
const AUTOMATIC_METRIC = 5;

/** The driver of a simulated machine. */
export const DRIVER_VERSION: DriverVersion = { major: 0, minor: 14 };
const INSTALLED_VERSION = `${DRIVER_VERSION.major}.${DRIVER_VERSION.minor}.0.0`;

/** Returns the NET_LUID of an adapter with an interface. */
export function luidOf({ ifIndex }: { readonly ifIndex: number }): bigint {
  return netLuid(INTERFACE_TYPE, ifIndex);
}

/** Returns the device instance id; that of a legacy device has the form that Wintun 0.13 gave it. */
export function deviceOf({ guid, ifIndex, holding }: MachineAdapter): string {
  if (holding.kind === "foreign" || holding.kind === "ethernet") return "";
  return holding.kind === "legacy" ? `ROOT\\NET\\${`${ifIndex}`.padStart(4, "0")}` : instanceIdOf(guid);
}

/** Describes an adapter as Windows would. */
export function infoOf(adapter: MachineAdapter): AdapterInfo {
  const { name, createdAs, type, guid, server, holding } = adapter;
  const isOwn = holding.kind === "service" || holding.kind === "process";
  return {
    name,
    ...(isOwn && name !== createdAs ? { createdAs } : {}),
    type,
    guid,
    instanceId: deviceOf(adapter),
    ...(isWintun(adapter) || holding.kind === "nobody" ? { driverVersion: INSTALLED_VERSION } : {}),
    state: stateOf(adapter),
    ...(hasInterface(adapter) ? interfaceOf(adapter) : NO_INTERFACE),
    ...ownerOf(adapter),
    ...(server === undefined ? {} : { session: { pid: server.pid } }),
  };
}

function interfaceOf(
  adapter: MachineAdapter,
): Pick<AdapterInfo, "luid" | "ifIndex" | "mtu" | "metric" | "addresses" | "details"> {
  const { ifIndex, settings, traffic, holding } = adapter;
  const connected = isUp(adapter);
  const { details: { givenCategory, ...details }, ...shown } = configuredInterface(
    settings,
    AUTOMATIC_METRIC,
  );
  // A simulated machine identifies a network as soon as a session is open. Nobody keeps the category of another program's.
  const network = {
    ...(connected ? { category: givenCategory ?? CATEGORY_OF_NEW_NETWORKS } : {}),
    ...(givenCategory === undefined || holding.kind === "other" ? {} : { givenCategory }),
  };
  return {
    luid: luidOf(adapter),
    ifIndex,
    ...shown,
    details: { ...details, connected, traffic, ...network },
  };
}

function ownerOf(
  { guid, holding, settings }: MachineAdapter,
): Pick<AdapterInfo, "owner" | "service" | "persistent" | "end" | "startSettings"> {
  if (holding.kind === "process") return { owner: { pid: holding.pid, ours: true, role: holding.role } };
  if (holding.kind !== "service") return {};
  const { pid, persistent, state, end = { exitCode: 0, reason: "somebody stopped its service" } } = holding;
  const owner = { ours: true, role: "keeper" } as const;
  return {
    owner: state === "stopped" ? owner : { pid, ...owner },
    service: serviceName(guid),
    ...(persistent ? { persistent } : {}),
    ...(state === "stopped" ? { end, startSettings: settings } : {}),
  };
}

function stateOf(adapter: MachineAdapter): AdapterState {
  const { holding } = adapter;
  switch (holding.kind) {
    case "nobody":
      return "orphaned";
    case "legacy":
      return "legacy";
    case "foreign":
    case "ethernet":
      return "foreign";
    case "service":
      if (holding.state !== "running") return holding.state;
  }
  return isUp(adapter) ? "up" : "down";
}

/** Returns what `Host.list` and `Host.find` say of an adapter if they are asked for so much, and no more, as on Windows. */
export function asAsked(info: AdapterInfo, details: boolean, categories: boolean): AdapterInfo {
  const { details: all, ...shown } = info;
  if (all === undefined || details && categories) return info;
  if (!details) return shown;
  const { category: _, ...others } = all;
  return { ...shown, details: others };
}

/**
 * Returns the adapters of a machine as `Host.list` does: sorted by name, and `all` adds orphaned, legacy and foreign ones at the
 * end.
 */
export function listed({ adapters }: Machine, all: boolean): AdapterInfo[] {
  const byName = (a: AdapterInfo, b: AdapterInfo): number => compareNames(a.name, b.name);
  const isOther = ({ state }: AdapterInfo): boolean =>
    state === "orphaned" || state === "legacy" || state === "foreign";
  const infos = adapters.filter(({ holding }) => holding.kind !== "ethernet").map(infoOf).sort(byName);
  const shown = infos.filter((info) => !isOther(info));
  return all ? [...shown, ...infos.filter(isOther)] : shown;
}
