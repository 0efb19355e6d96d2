import {
  type AddressRange,
  type Change,
  type LinkChange,
  MOST_HOPS,
  type PortRange,
} from "../../../echo/network/plan.ts";
import type { IpAddress } from "../../../wire/ip_address.ts";
import { readHostAddress } from "../../arguments/addresses.ts";
import { UsageError } from "../../arguments/usage_error.ts";
import { type JsonReader, JsonValue, type Properties } from "./json_value.ts";
import { type Named, parsePortRange, readAddressRange } from "./ranges.ts";
import { type Delay, delayFault } from "./delay_fault.ts";
import { HIGHEST_SEED, PATH_MTU } from "./limits.ts";
import { readPart, readRate, readTime } from "./units.ts";

// src/schemas/scenario.schema.json describes the same file for editors. A test compares the two.

/** The most elements of `hosts`, and of `changes`. */
const MOST_ELEMENTS = 1000;
/** The most ranges that all changes name. */
const MOST_RANGES = 10_000;
/** Nothing is served for longer, about 24 days: the longest wait of a timer. */
const LONGEST_SERVE_US = 2_147_483_000_000;
/** The most faults that one message names. */
const MOST_FAULTS = 5;

const time: JsonReader<number> = (value) => value.readText(readTime);
const moment: JsonReader<number> = (value) => value.readText((text) => readTime(text, LONGEST_SERVE_US));
const part: JsonReader<number> = (value) => value.readText(readPart);
const rate: JsonReader<number> = (value) => value.readText(readRate);
const hops: JsonReader<number> = (value) => value.readInteger(0, MOST_HOPS);
const pathMtu: JsonReader<number> = (value) => value.readInteger(PATH_MTU.least, PATH_MTU.most);
const boolean: JsonReader<boolean> = (value) => value.readBoolean();

/** What can be different for some hosts, or from some time on. */
const DIFFERENCE = {
  up: boolean,
  hops,
  pathMtu: orNull(pathMtu),
  delay: time,
  jitter: time,
  reorder: part,
  loss: part,
  duplicate: part,
  rate: orNull(rate),
};

/** What a scenario asks for. Absent: nothing. Times are in microseconds, parts from 0 to 1, rates in bits a second. */
export interface Scenario {
  readonly hosts?: readonly Named<AddressRange>[];
  readonly unreachable?: boolean;
  readonly routers?: readonly Named<IpAddress>[];
  readonly hops?: number;
  readonly pathMtu?: number;
  readonly udpPorts?: readonly PortRange[];
  readonly refuse?: boolean;
  readonly delay?: number;
  readonly jitter?: number;
  readonly reorder?: number;
  readonly loss?: number;
  readonly duplicate?: number;
  readonly rate?: number;
  readonly seed?: number;
  /** First what is different for single hosts, then what changes. */
  readonly changes: readonly Change[];
  /** The addresses that the changes name, besides those of `hosts`. */
  readonly changing: readonly Named<AddressRange>[];
}

/**
 * Reads the text of a scenario file.
 * @param name The name of the file, for messages.
 * @throws {UsageError} for a text that is no scenario. The message has path and reason of each fault.
 */
export function parseScenario(text: string, name: string): Scenario {
  const faults: string[] = [];
  const scenario = readScenario(new JsonValue(parseJson(text, name), faults), name);
  if (scenario !== undefined && faults.length === 0) return scenario;
  const [first, ...others] = faults;
  const shown = others.slice(0, MOST_FAULTS - 1);
  const rest = others.length > shown.length ? [`And ${others.length - shown.length} more.`] : [];
  throw new UsageError(`${name}: ${first}`, [...shown, ...rest].join(" "));
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${name}: is not valid JSON: ${error instanceof Error ? error.message : error}.`);
  }
}

function readScenario(document: JsonValue, file: string): Scenario | undefined {
  const named = <T>(read: (text: string) => T): JsonReader<Named<T>> => (value) => {
    const found = value.readText(read);
    return found === undefined ? undefined : { name: `${file}: ${value.path} ${value.value}`, value: found };
  };
  const range = named(readAddressRange);
  const differences: Change[] = [];
  const changes: Change[] = [];
  const changing: Named<AddressRange>[] = [];

  /** Reads an element of `hosts`: a range, or an object that also says what is different there. */
  const host: JsonReader<Named<AddressRange>> = (value) => {
    if (typeof value.value === "string") return range(value);
    if (typeof value.value !== "object") {
      return value.fault("must be a range in quotation marks, or an object");
    }
    const found = value.readObject({ address: range, ...DIFFERENCE });
    if (found === undefined) return undefined;
    const { address, ...difference } = found;
    if (!value.hasProperty("address")) value.fault("has no address");
    if (address === undefined) return undefined;
    if (Object.keys(difference).length > 0) differences.push(toChange(value, difference, 0, [address]));
    return address;
  };

  /** Reads an element of `changes`. */
  const change: JsonReader<true> = (value) => {
    const found = value.readObject({ at: moment, hosts: (list) => list.readArray(range), ...DIFFERENCE });
    if (found === undefined) return undefined;
    const { at, hosts, ...difference } = found;
    if (!value.hasProperty("at")) value.fault("has no at");
    if (Object.keys(difference).length === 0 || hosts?.length === 0) value.fault("changes nothing");
    changes.push(toChange(value, difference, (at ?? 0) / 1000, hosts));
    changing.push(...hosts ?? []);
    return true;
  };

  const found = document.readObject({
    $schema: (value) => value.readText((text) => text),
    hosts: (list) => shortArray(list, host),
    unreachable: boolean,
    routers: (list) => list.readArray(named(readHostAddress)),
    hops,
    pathMtu,
    udpPorts: (list) => isEmpty(list) ? list.fault("has no port") : list.readArray(port),
    refuse: boolean,
    delay: time,
    jitter: time,
    reorder: part,
    loss: part,
    duplicate: part,
    rate,
    seed: (value) => value.readInteger(0, HIGHEST_SEED),
    changes: (list) => {
      shortArray(list, change);
      if (changing.length > MOST_RANGES) list.fault(`must name ${MOST_RANGES} ranges of hosts at most`);
    },
  });
  if (found === undefined) return undefined;
  const { $schema: _schema, changes: _changes, ...wishes } = found;
  checkDelay(document, wishes);
  return { ...wishes, changes: [...differences, ...changes], changing };
}

/** Reads a port, which may be a number, or ports. */
const port: JsonReader<PortRange> = (value) =>
  parsePortRange(`${value.value}`) ??
    value.fault('must be a port from 1 to 65535, or ports such as "5000-5010"');

function isEmpty({ value }: JsonValue): boolean {
  return Array.isArray(value) && value.length === 0;
}

function shortArray<T>(list: JsonValue, read: JsonReader<T>): T[] | undefined {
  if (Array.isArray(list.value) && list.value.length > MOST_ELEMENTS) {
    return list.fault(`must have ${MOST_ELEMENTS} elements at most`);
  }
  return list.readArray(read);
}

function orNull<T>(read: JsonReader<T>): JsonReader<T | null> {
  return (value) => value.value === null ? null : read(value);
}

/** Returns what an object says as a change. A delay brings its own jitter and reordering, as with `tc qdisc change`. */
function toChange(
  object: JsonValue,
  { delay, jitter, reorder, loss, duplicate, rate, up, hops, pathMtu }: Properties<typeof DIFFERENCE>,
  atMs: number,
  hosts: readonly Named<AddressRange>[] | undefined,
): Change {
  checkDelay(object, { delay, jitter, reorder });
  const link: LinkChange = {
    ...(delay === undefined ? {} : { delayUs: delay, jitterUs: jitter ?? 0, reorder: reorder ?? 0 }),
    ...(loss === undefined ? {} : { loss }),
    ...(duplicate === undefined ? {} : { duplicate }),
    ...(rate === undefined ? {} : { rateBitsPerSecond: rate }),
  };
  return {
    atMs,
    ...(hosts === undefined ? {} : { hosts: hosts.map(({ value }) => value) }),
    ...(up === undefined ? {} : { isUp: up }),
    ...(hops === undefined ? {} : { hops }),
    ...(pathMtu === undefined ? {} : { pathMtu }),
    ...(Object.keys(link).length === 0 ? {} : { link }),
  };
}

function checkDelay(object: JsonValue, delay: Delay): void {
  const fault = delayFault(delay);
  if (fault !== undefined) object.fault(fault);
}
