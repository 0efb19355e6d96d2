import type { Family } from "../../windows/network/sockaddr_inet.ts";
import {
  type ByFamily,
  FAMILIES,
  type PerFamily,
  readValue,
  type ValueSetting,
} from "../../tun/settings/setting.ts";
import { repeated, type RepeatedOption, type ValueReader } from "./options.ts";
import { UsageError } from "./usage_error.ts";

/** The word that empties a list. It also gives a single value back, as `default` does. */
const NONE = "none";

/** Declares an option whose values are a list, or the word `none` for an empty one. */
export function listOption<T extends object>(
  placeholder: string,
  read: ValueReader<T>,
  help: string,
): RepeatedOption<T | typeof NONE> {
  return repeated(placeholder, (text) => text === NONE ? NONE : read(text), help, [NONE]);
}

/**
 * Returns the list that is given, or `undefined` if none is.
 * @param keyOf Returns the text that two values of the list may not have in common.
 * @throws {UsageError} if a value is given twice, or beside `none`.
 */
export function listOf<T extends object>(
  name: string,
  values: readonly (T | typeof NONE)[],
  keyOf: (value: T) => string,
): readonly T[] | undefined {
  if (values.length === 0) return undefined;
  const list = values.filter((value) => value !== NONE);
  if (list.length < values.length && values.length > 1) {
    throw new UsageError(`--${name} ${NONE} empties the list, so --${name} cannot be given again.`);
  }
  const keys = list.map(keyOf);
  const twice = keys.find((key, index) => keys.indexOf(key) < index);
  if (twice !== undefined) throw new UsageError(`--${name} ${twice} is given twice.`);
  return list;
}

/**
 * Declares an option with one value for each IP version: `1400` for both, or `ipv4=1400`, `ipv6=1280`.
 * @param words Words for values. `none` stands for the same as `default`.
 */
export function valueOption<T extends number | boolean>(
  placeholder: string,
  read: ValueReader<T>,
  words: { readonly default: T; readonly [word: string]: T },
  help: string,
): RepeatedOption<PerFamily<T>> {
  const all: Readonly<Record<string, T>> = { ...words, [NONE]: words.default };
  const others = Object.keys(words).filter((word) => !placeholder.split("|").includes(word));
  const hint = `It also takes ${others.join(", ")}, and any value with ipv4= or ipv6= before it.`;
  const readOne = (text: string): T => {
    if (Object.hasOwn(all, text)) return all[text];
    try {
      return read(text);
    } catch (error) {
      throw error instanceof UsageError ? new UsageError(error.message, hint) : error;
    }
  };
  return repeated(placeholder, (text) => readValue(text, readOne), help, Object.keys(all));
}

/**
 * Returns the value of each IP version, or `undefined` if none is given.
 * @throws {UsageError} if an IP version is given two values.
 */
export function valueOf<T extends number | boolean>(
  name: string,
  values: readonly PerFamily<T>[],
  setting: ValueSetting<T>,
): ByFamily<T> | undefined {
  if (values.length === 0) return undefined;
  const given: { [family in Family]?: T } = {};
  for (const value of values) {
    const one = setting.spread(value);
    for (const family of FAMILIES) {
      if (one[family] === undefined) continue;
      if (given[family] !== undefined) throw new UsageError(`--${name} is given twice for IPv${family}.`);
      given[family] = one[family];
    }
  }
  return given;
}
