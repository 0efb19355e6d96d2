import { formatSwitch } from "../../tun/settings/settings.ts";
import { UsageError } from "../arguments/usage_error.ts";
import type { State } from "./state.ts";

/** The state that an adapter is to have. */
export interface DesiredState {
  readonly name: string;
  readonly exists: boolean;
  /** The options of `wintun create` that give the state to the adapter. */
  readonly options: readonly string[];
  /** All of it, as it was read. */
  readonly state: State;
}

/** The fields that each IP version has. Each is set by the option of the same name. */
const FAMILY_FIELDS = ["mtu", "metric", "forwarding"] as const;
const FAMILIES = ["ipv4", "ipv6"] as const;

/** The fields that are accepted and have no effect. A state that was exported has them. */
const READ_ONLY = ["state", "ifIndex", "_inDesiredState"];

/** Turns a value of a field into options. @throws {UsageError} if it has another type. */
type Reader = (value: unknown, field: string) => readonly string[];

/** The other fields, and how each becomes options. */
const FIELDS: Readonly<Record<string, Reader>> = {
  type: textOption("type"),
  guid: textOption("guid"),
  persistent: (value, field) => readBoolean(value, field) ? ["--persistent"] : [],
  addresses: listOption("address", readOwnText),
  routes: listOption("route", readRoute),
  dns: listOption("dns", readOwnText),
  dnsSuffix: (value, field) => [give("dns-suffix", readOwnText(value, field) || "none")],
  dnsSearch: listOption("dns-search", readOwnText),
  dnsRegistration: (value, field) => [give("dns-registration", formatSwitch(readBoolean(value, field)))],
  category: textOption("category"),
  dnsFor: listOption("dns-for", readDnsRule),
};

/**
 * Reads a desired state from the text that DSC passes.
 * @throws {UsageError} if it is no such state. Values are checked by the readers of the options.
 */
export function readDesiredState(text: string): DesiredState {
  const state = readObject(parse(text), "the input");
  const { name, _exist = true, ...fields } = state;
  if (typeof name !== "string") throw new UsageError("name: must be a string.");
  const options = Object.entries(fields).flatMap(([field, value]) => {
    if (READ_ONLY.includes(field) || isFamilyField(field)) return [];
    const read = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
    if (read === undefined) throw new UsageError(`There is no field ${field}.`, FIELDS_HINT);
    return read(value, field);
  });
  return {
    name,
    exists: readBoolean(_exist, "_exist"),
    options: [...options, ...FAMILY_FIELDS.flatMap((field) => familyOptions(field, fields))],
    state,
  };
}

/** Returns the fields of a desired state from which the option of a setting was made. */
export function fieldsOf(setting: string, { state }: DesiredState): string[] {
  const name = setting.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
  const plural = { address: "addresses", route: "routes" }[name] ?? name;
  const inFamilies = FAMILIES.filter((family) => {
    const values = state[family];
    return typeof values === "object" && values !== null && name in values;
  });
  return [...(Object.hasOwn(state, plural) ? [plural] : []), ...inFamilies];
}

/** Returns the fields of a desired state that a new adapter gets. */
export function settableFields({ state }: DesiredState): string[] {
  return Object.keys(state).filter((field) => !["name", "_exist", ...READ_ONLY].includes(field));
}

const FIELDS_HINT = "wintun help json dsc has the fields.";

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `The input is not valid JSON: ${error instanceof Error ? error.message : error}.`,
      FIELDS_HINT,
    );
  }
}

function isFamilyField(field: string): boolean {
  return [...FAMILY_FIELDS, ...FAMILIES].some((one) => one === field);
}

/** Returns the options that set a field of the IP versions. A value for one version goes before the value for both. */
function familyOptions(field: typeof FAMILY_FIELDS[number], state: State): string[] {
  const format = field === "forwarding"
    ? (value: unknown, at: string): string => formatSwitch(readBoolean(value, at))
    : (value: unknown, at: string): string => `${readNumber(value, at)}`;
  const both = state[field] === undefined ? undefined : format(state[field], field);
  const each = FAMILIES.map((family) => {
    if (state[family] === undefined) return undefined;
    const values = readObject(state[family], family, ["automaticMetric", ...FAMILY_FIELDS]);
    // A state that was exported has the metric that Windows chose.
    if (field === "metric" && values.automaticMetric === true) return "default";
    return values[field] === undefined ? undefined : format(values[field], `${family}.${field}`);
  });
  if (each.every((value) => value === undefined)) return both === undefined ? [] : [give(field, both)];
  return FAMILIES.flatMap((family, index) => {
    const value = each[index] ?? both;
    return value === undefined ? [] : [give(field, `${family}=${value}`)];
  });
}

/** Returns an option with its value, which may begin with a hyphen. */
function give(option: string, value: string): string {
  return `--${option}=${value}`;
}

function textOption(option: string): Reader {
  return (value, field) => [give(option, readText(value, field))];
}

/** @param read Returns the texts that the option takes for one element. */
function listOption(
  option: string,
  read: (value: unknown, field: string) => string | readonly string[],
): Reader {
  return (value, field) => {
    if (!Array.isArray(value)) throw new UsageError(`${field}: must be a list.`);
    if (value.length === 0) return [give(option, "none")];
    return value.flatMap((one, index) => read(one, `${field}[${index}]`)).map((text) => give(option, text));
  };
}

function readRoute(value: unknown, field: string): string {
  const { destination, gateway = null, metric = 0 } = readObject(value, field, [
    "destination",
    "gateway",
    "metric",
  ]);
  return readText(destination, `${field}.destination`) +
    (gateway === null ? "" : `,via=${readText(gateway, `${field}.gateway`)}`) +
    `,metric=${readNumber(metric, `${field}.metric`)}`;
}

function readDnsRule(value: unknown, field: string): readonly string[] {
  const { name, servers } = readObject(value, field, ["name", "servers"]);
  if (!Array.isArray(servers) || servers.length === 0) {
    throw new UsageError(`${field}.servers: must be a list with a server.`);
  }
  return servers.map((server, index) =>
    `${readText(name, `${field}.name`)}=${readText(server, `${field}.servers[${index}]`)}`
  );
}

/** @param known The fields that it may have. Absent: the caller looks at them. */
function readObject(value: unknown, field: string, known?: readonly string[]): State {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject) throw new UsageError(`${field}: must be an object.`, FIELDS_HINT);
  const unknown = known && Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new UsageError(`There is no field ${field}.${unknown}.`, FIELDS_HINT);
  return value as State;
}

/** Reads a text that is no word of the command line: there, `none` empties a list. */
function readOwnText(value: unknown, field: string): string {
  const text = readText(value, field);
  if (text === "none" || text === "default") {
    throw new UsageError(`${field}: "${text}" is no value. An empty list or text removes what there is.`);
  }
  return text;
}

function readText(value: unknown, field: string): string {
  if (typeof value !== "string") throw new UsageError(`${field}: must be a string.`);
  return value;
}

function readNumber(value: unknown, field: string): number {
  if (typeof value !== "number") throw new UsageError(`${field}: must be a number.`);
  return value;
}

function readBoolean(value: unknown, field: string): boolean {
  if (typeof value !== "boolean") throw new UsageError(`${field}: must be true or false.`);
  return value;
}
