import { MAX_NAME_UNITS } from "../wintun/symbols.ts";

/** What Windows refuses in the name of a network connection, besides control characters. */
const FORBIDDEN = '\\/:*?"<>|';

/** Why `name` cannot be an adapter's name, as part of a sentence; `undefined` when it can. */
export function adapterNameFault(name: string): string | undefined {
  if (name.trim() === "") return "a name cannot be empty";
  if (name.length > MAX_NAME_UNITS) {
    return `a name has at most ${MAX_NAME_UNITS} characters, this has ${name.length}`;
  }
  if (name !== name.trim()) return "a name cannot start or end with a space";
  for (const character of name) {
    if (FORBIDDEN.includes(character)) return `a name cannot contain ${character}`;
    if (/[\p{Cc}\p{Bidi_Control}]/u.test(character)) return "a name cannot contain control characters";
  }
  return undefined;
}

/** Whether Windows takes two names for the same: it does not look at case. */
export function sameName(a: string, b: string): boolean {
  return a.toUpperCase() === b.toUpperCase();
}
