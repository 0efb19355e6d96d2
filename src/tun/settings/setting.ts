import type { Family } from "../../windows/network/sockaddr_inet.ts";

/** Both IP versions, in the order in which settings are applied. */
export const FAMILIES: readonly Family[] = [4, 6];

/**
 * - `list`: a list whose values belong to one IP version each.
 * - `family`: each IP version has one value.
 * - `interface`: the interface has one value.
 */
export type Scope = "list" | "family" | "interface";

/** What the program knows about one setting of an adapter, apart from how Windows reads and writes it. */
export interface Setting<V> {
  /** The name of its option, without the hyphens. Changes name it so, too. */
  readonly name: string;
  /** Its name in a sentence. */
  readonly noun: string;
  readonly scope: Scope;
  /** Returns the part of a value that concerns these IP versions. */
  restrict(value: V, families: readonly Family[]): V;
  /** Returns the value that an adapter with the value `before` has after it is set to `change`. */
  merge(before: V | undefined, change: V): V;
  isEqual(a: V, b: V): boolean;
  /** Returns the value as the texts that its option takes. */
  format(value: V): readonly string[];
  /** Reads the texts of `format`. @throws {SyntaxError} or {AddressSyntaxError} for others. */
  parse(texts: readonly string[]): V;
}

/** How a list setting writes one of its values. */
interface ListForm<T> {
  readonly name: string;
  readonly noun: string;
  readonly familyOf: (one: T) => Family;
  readonly format: (one: T) => string;
  readonly parse: (text: string) => T;
  /** Whether the order of the values matters. Default: `false`. */
  readonly isOrdered?: boolean;
}

/** Declares a setting that is a list. A list that is set takes the place of the whole list before. */
export function listSetting<T>(
  { name, noun, familyOf, format, parse, isOrdered = false }: ListForm<T>,
): Setting<readonly T[]> {
  // IPv4 comes first, as Windows keeps the two apart.
  const byFamily = (list: readonly T[]): readonly T[] => list.toSorted((a, b) => familyOf(a) - familyOf(b));
  const key = (list: readonly T[]): string => {
    const texts = byFamily(list).map(format);
    return (isOrdered ? texts : texts.toSorted()).join();
  };
  return {
    name,
    noun,
    scope: "list",
    restrict: (list, families) => list.filter((one) => families.includes(familyOf(one))),
    merge: (_before, change) => byFamily(change),
    isEqual: (a, b) => key(a) === key(b),
    format: (list) => list.map(format),
    parse: (texts) => texts.map(parse),
  };
}

/** A value of each IP version. A version that is absent keeps what it has. */
export interface ByFamily<T> {
  readonly 4?: T;
  readonly 6?: T;
}

/** A value for both IP versions, or one for each. */
export type PerFamily<T extends number | boolean> = T | ByFamily<T>;

/** How a setting with one value for each IP version writes it. */
interface ValueForm<T> {
  readonly name: string;
  readonly noun: string;
  readonly format: (value: T) => string;
  readonly parse: (text: string) => T;
  /** Returns the IP versions that a value for both is for. Default: both. */
  readonly familiesOf?: (value: T) => readonly Family[];
}

/** A setting with one value for each IP version. */
export interface ValueSetting<T extends number | boolean> extends Setting<PerFamily<T>> {
  /** Returns the value of each IP version. */
  spread(value: PerFamily<T>): ByFamily<T>;
}

/** Declares a setting with one value for each IP version, which can be set apart: `ipv6=1400`. */
export function valueSetting<T extends number | boolean>(
  { name, noun, format, parse, familiesOf = () => FAMILIES }: ValueForm<T>,
): ValueSetting<T> {
  const spread = (value: PerFamily<T>): ByFamily<T> =>
    typeof value === "object" ? value : pick(familiesOf(value), () => value);
  const formatValue = (value: PerFamily<T>): readonly string[] => {
    const { 4: ipv4, 6: ipv6 }: ByFamily<T> = spread(value);
    if (ipv4 !== undefined && ipv4 === ipv6) return [format(ipv4)];
    return [
      ...(ipv4 === undefined ? [] : [`ipv4=${format(ipv4)}`]),
      ...(ipv6 === undefined ? [] : [`ipv6=${format(ipv6)}`]),
    ];
  };
  return {
    name,
    noun,
    scope: "family",
    spread,
    restrict: (value, families) => pick(families, (family) => spread(value)[family]),
    merge: (before, change) => ({ ...(before === undefined ? {} : spread(before)), ...spread(change) }),
    isEqual: (a, b) => formatValue(a).join() === formatValue(b).join(),
    format: formatValue,
    parse(texts): PerFamily<T> {
      const values = texts.map((text) => readValue(text, parse));
      return values.length === 1 ? values[0] : Object.assign({}, ...values.map(spread));
    },
  };
}

/** Reads `1400`, or `ipv6=1400` for one IP version. @throws as `parse` does. */
export function readValue<T extends number | boolean>(
  text: string,
  parse: (text: string) => T,
): PerFamily<T> {
  const [, version, value] = /^ipv([46])=(.*)$/i.exec(text) ?? [];
  return version === undefined ? parse(text) : pick([version === "4" ? 4 : 6], () => parse(value));
}

function pick<T>(families: readonly Family[], valueOf: (family: Family) => T | undefined): ByFamily<T> {
  const values = families.map((family) => [family, valueOf(family)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/** How a setting with one value for the interface writes it. */
interface InterfaceForm<V> {
  readonly name: string;
  readonly noun: string;
  readonly format: (value: V) => readonly string[];
  readonly parse: (texts: readonly string[]) => V;
}

/** Declares a setting with one value for both IP versions together. */
export function interfaceSetting<V>({ name, noun, format, parse }: InterfaceForm<V>): Setting<V> {
  return {
    name,
    noun,
    scope: "interface",
    restrict: (value) => value,
    merge: (_before, change) => change,
    isEqual: (a, b) => format(a).join() === format(b).join(),
    format,
    parse,
  };
}
