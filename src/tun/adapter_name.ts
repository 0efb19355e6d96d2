import { normalGuid } from "../wire/guid.ts";
import { MAX_NAME_UNITS } from "../wintun/symbols.ts";

/** Characters that Windows refuses in the name of a network connection, besides control characters. */
const FORBIDDEN = '\\/:*?"<>|';

/** Returns why `name` cannot be an adapter's name, as part of a sentence; `undefined` when it can. */
export function adapterNameFault(name: string): string | undefined {
  const fault = textFault("name", name);
  if (fault !== undefined) return fault;
  const forbidden = Array.from(name).find((character) => FORBIDDEN.includes(character));
  if (forbidden !== undefined) return `a name cannot contain ${forbidden}`;
  // Commands take a name or a GUID in the same place.
  if (normalGuid(name) !== undefined) return "a name cannot be a GUID";
  return undefined;
}

/** Returns why `type` cannot be a tunnel type, as part of a sentence; `undefined` when it can. */
export function tunnelTypeFault(type: string): string | undefined {
  return textFault("type", type);
}

function textFault(what: string, text: string): string | undefined {
  if (text.trim() === "") return `a ${what} cannot be empty`;
  if (text.length > MAX_NAME_UNITS) {
    return `a ${what} has at most ${MAX_NAME_UNITS} UTF-16 units, this has ${text.length}`;
  }
  if (text !== text.trim()) return `a ${what} cannot start or end with a space`;
  if (/[\p{Cc}\p{Bidi_Control}]/u.test(text)) return `a ${what} cannot contain control characters`;
  return undefined;
}

/** Returns whether two names are the same to Windows, which ignores case. */
export function sameName(a: string, b: string): boolean {
  return a.toUpperCase() === b.toUpperCase();
}

/** Compares two names for sorting: `par2` comes before `par10`. */
export function compareNames(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** What identifies an adapter for a user. */
interface Named {
  readonly name: string;
  /** Lower case, without braces. */
  readonly guid: string;
  /** 0 without a network interface. */
  readonly ifIndex: number;
}

/** Returns whether a user means this adapter by `text`: its name, its GUID in any spelling, or `ifIndex:7`. */
export function isMeant({ name, guid, ifIndex }: Named, text: string): boolean {
  if (sameName(name, text)) return true;
  const index = indexIn(text);
  return index === undefined ? guid === normalGuid(text) : ifIndex !== 0 && ifIndex === index;
}

/** Returns whether `text` is a GUID or `ifIndex:7`. It can then mean an adapter that exists, and is no name for a new one. */
export function isReference(text: string): boolean {
  return indexIn(text) !== undefined || normalGuid(text) !== undefined;
}

/** Returns the interface index in `ifIndex:7`. */
function indexIn(text: string): number | undefined {
  const [, index] = /^ifindex:(\d+)$/i.exec(text) ?? [];
  return index === undefined ? undefined : Number(index);
}
