/** The VERSIONINFO resource: what Explorer, Task Manager and the UAC prompt say about an executable. */

export interface VersionInfo {
  /** `major.minor.patch`, each below 65536. */
  readonly version: string;
  /** The strings that people see, under the names that Windows gives them ("VERSIONINFO resource", Microsoft docs). */
  readonly strings: Readonly<Record<string, string>>;
}

const LANGUAGE_ENGLISH_US = 0x0409;
const CODE_PAGE_UNICODE = 0x04b0;

const FIXED_SIGNATURE = 0xfeef04bd;
const FIXED_STRUCTURE_VERSION = 0x00010000;
const VOS_NT_WINDOWS32 = 0x00040004;
const VFT_APP = 1;

/** Of a node's value: whether its length counts bytes or UTF-16 units. */
const BINARY = 0;
const TEXT = 1;

/** Returns the bytes of the VS_VERSIONINFO structure for an application, in US English. */
export function versionInfoBytes({ version, strings }: VersionInfo): Uint8Array<ArrayBuffer> {
  const table = Object.entries(strings).map(([name, value]) => node(name, TEXT, utf16(`${value}\0`)));
  const languageId = hex4(LANGUAGE_ENGLISH_US) + hex4(CODE_PAGE_UNICODE);
  const translation = numbers([LANGUAGE_ENGLISH_US | CODE_PAGE_UNICODE << 16]);
  return node("VS_VERSION_INFO", BINARY, fixedFileInfo(version), [
    node("StringFileInfo", TEXT, NOTHING, [node(languageId, TEXT, NOTHING, table)]),
    node("VarFileInfo", TEXT, NOTHING, [node("Translation", BINARY, translation)]),
  ]);
}

const NOTHING = new Uint8Array();

/** VS_FIXEDFILEINFO, the part for programs: thirteen 32-bit numbers. */
function fixedFileInfo(version: string): Uint8Array<ArrayBuffer> {
  const parts = version.split(".").map(Number);
  if (parts.length !== 3 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 0xffff)) {
    throw new RangeError(`the version ${version} is not of the form major.minor.patch`);
  }
  const [major, minor, patch] = parts;
  const high = major * 0x10000 + minor;
  const low = patch * 0x10000;
  const noFlags = 0, noDate = 0;
  return numbers([
    FIXED_SIGNATURE,
    FIXED_STRUCTURE_VERSION,
    high, // file version
    low,
    high, // product version
    low,
    0x3f, // which flags are valid: all, and none is set
    noFlags,
    VOS_NT_WINDOWS32,
    VFT_APP,
    0,
    noDate,
    noDate,
  ]);
}

/**
 * A node of the structure: its length, the length and kind of its value, its name, the value and the children. Names,
 * values and children start at multiples of four bytes, and so does what follows the node, which its length leaves out.
 */
function node(
  name: string,
  kind: typeof BINARY | typeof TEXT,
  value: Uint8Array<ArrayBuffer>,
  children: readonly Uint8Array<ArrayBuffer>[] = [],
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(6);
  const parts: Uint8Array<ArrayBuffer>[] = [header, utf16(`${name}\0`)];
  for (const part of [value, ...children]) {
    if (part.length === 0) continue;
    parts.push(new Uint8Array(-lengthOf(parts) & 3), part);
  }
  const view = new DataView(header.buffer);
  view.setUint16(0, lengthOf(parts), true);
  view.setUint16(2, kind === TEXT ? value.length / 2 : value.length, true);
  view.setUint16(4, kind, true);
  return join(parts);
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function numbers(values: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setUint32(index * 4, value, true));
  return bytes;
}

function utf16(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), true);
  return bytes;
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, "0");
}
