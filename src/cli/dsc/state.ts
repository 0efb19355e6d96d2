import type { AdapterInfo } from "../../tun/adapter_info.ts";
import { configuredInterface } from "../../tun/configured_interface.ts";
import { NEW_SETTINGS } from "../../tun/settings/settings.ts";
import { adapterFields } from "../adapters/report.ts";

/** The state of one adapter, as DSC passes it around: the fields that `wintun list --json` has too, and `_exist`. */
export type State = Readonly<Record<string, unknown>>;

/** The fields of an adapter that the resource has. What can be set is in src/schemas/dsc.schema.json. */
const FIELDS = [
  ...["name", "type", "guid", "persistent", "addresses", "routes", "mtu", "metric", "ipv4", "ipv6"],
  ...["dns", "dnsSuffix", "dnsSearch", "dnsRegistration", "dnsFor", "category", "state", "ifIndex"],
];

/** The metric of a state where Windows has not chosen one yet. */
const NO_METRIC = 0;

/**
 * Returns the state of an adapter. That of an adapter that is stopped has the settings that the adapter gets when it starts.
 * Fields that Windows does not report are left out.
 */
export function stateOf(info: AdapterInfo): State {
  return stateOfInterface(withStartSettings(info));
}

function withStartSettings(info: AdapterInfo): AdapterInfo {
  const { startSettings } = info;
  if (startSettings === undefined) return info;
  return { ...info, ...configuredInterface({ ...NEW_SETTINGS, ...startSettings }, NO_METRIC) };
}

function stateOfInterface(info: AdapterInfo): State {
  // These are not known without an interface: `info` then has 0 and no addresses, which must not become a desired state.
  const none = info.details === undefined ? { mtu: null, metric: null, addresses: null } : {};
  const fields: State = { ...adapterFields(info), ...none, category: categorySetting(info) };
  const known = FIELDS.filter((field) => fields[field] !== null).map((field) => [field, fields[field]]);
  return { _exist: true, ...Object.fromEntries(known) };
}

/** Returns the category that is set. The category of the network itself may be one that cannot be set. */
function categorySetting({ details }: AdapterInfo): string | null {
  return details === undefined ? null : details.givenCategory ?? "default";
}

/** Returns the state of an adapter that does not exist. */
export function absentState(name: string): State {
  return { _exist: false, name };
}
