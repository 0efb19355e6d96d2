import { fixedMemory } from "./fixed_memory.ts";

/**
 * Encodes `text` as a NUL-terminated UTF-16LE string, for a parameter of type LPCWSTR. The caller keeps the result
 * alive while the called function may read it.
 * @throws {TypeError} if `text` contains a NUL, which would end the string early.
 */
export function toWideString(text: string): Uint16Array<ArrayBuffer> {
  if (text.includes("\0")) throw new TypeError("a string passed to Windows must not contain NUL");
  const units = new Uint16Array(fixedMemory((text.length + 1) * 2));
  for (let index = 0; index < text.length; index++) units[index] = text.charCodeAt(index);
  return units;
}

/**
 * Encodes a list of strings as Windows wants it: each ends with a NUL, and one more NUL ends the list.
 * @throws {TypeError} if a string is empty, which would end the list early, or contains a NUL.
 */
export function toWideStrings(texts: readonly string[]): Uint16Array<ArrayBuffer> {
  if (texts.includes("")) {
    throw new TypeError("a list of strings passed to Windows must not contain an empty one");
  }
  const strings = texts.map(toWideString);
  const length = strings.reduce((sum, { length }) => sum + length, 0);
  const units = new Uint16Array(fixedMemory((length + 1) * 2));
  let at = 0;
  for (const string of strings) {
    units.set(string, at);
    at += string.length;
  }
  return units;
}

/** Decodes the UTF-16LE string in `units` up to its NUL, or all units if there is no NUL. Lone surrogates are kept. */
export function fromWideString(units: Uint16Array): string {
  const end = units.indexOf(0);
  const length = end < 0 ? units.length : end;
  let text = "";
  // In chunks, because String.fromCharCode takes the units as arguments, whose number is limited.
  for (let start = 0; start < length; start += 4096) {
    text += String.fromCharCode(...units.subarray(start, Math.min(start + 4096, length)));
  }
  return text;
}

/** Decodes a list of strings as `toWideStrings` encodes it. The NUL at its end may be missing. */
export function fromWideStrings(units: Uint16Array): string[] {
  const texts: string[] = [];
  for (let start = 0; start < units.length && units[start] !== 0;) {
    const text = fromWideString(units.subarray(start));
    texts.push(text);
    start += text.length + 1;
  }
  return texts;
}

/** Reads the NUL-terminated UTF-16LE string at `pointer`, at most `limit` units. Returns "" for NULL. */
export function readWideString(pointer: Deno.PointerValue, limit = 32_768): string {
  if (pointer === null) return "";
  const view = new Deno.UnsafePointerView(pointer);
  let text = "";
  for (let index = 0; index < limit; index++) {
    const unit = view.getUint16(index * 2);
    if (unit === 0) break;
    text += String.fromCharCode(unit);
  }
  return text;
}
