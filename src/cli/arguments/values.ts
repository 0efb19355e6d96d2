import { adapterNameFault, isReference, tunnelTypeFault } from "../../tun/adapter_name.ts";
import { MAX_RING_CAPACITY, MIN_RING_CAPACITY } from "../../wintun/symbols.ts";
import { normalGuid } from "../../wire/guid.ts";
import type { ValueReader } from "./options.ts";
import { UsageError } from "./usage_error.ts";

// The message of each UsageError continues after the option's name: `--mtu 12: must be …`.

const KIB = 1024;
const MIB = 1024 * KIB;
const UNITS: Readonly<Record<string, number>> = { "": 1, kib: KIB, mib: MIB, gib: 1024 * MIB };
const NIL_GUID = "00000000-0000-0000-0000-000000000000";

/** Returns a reader of whole numbers in decimal digits, from `least` to `most`. Without `most` there is no upper limit. */
export function integerReader(least: number, most: number = Number.MAX_SAFE_INTEGER): ValueReader<number> {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    if (value > most && most === Number.MAX_SAFE_INTEGER) throw new UsageError(`${text}: is too large.`);
    const range = most === Number.MAX_SAFE_INTEGER ? `, ${least} or more` : ` from ${least} to ${most}`;
    throw new UsageError(`${text}: must be a whole number${range}.`);
  };
}

/** Returns a reader of seconds: a decimal number, at most `most`, and at least `least` or else above 0. */
export function secondsReader(most: number, least?: number): ValueReader<number> {
  return (text) => {
    const value = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;
    if (value > 0 && value >= (least ?? 0) && value <= most) return value;
    const range = least === undefined ? `above 0 and at most ${most}` : `from ${least} to ${most}`;
    throw new UsageError(`${text}: must be a number of seconds ${range}, such as 2.5.`);
  };
}

/** Returns a reader of a number of bytes, at least `least`. The text may have the unit KiB, MiB or GiB. */
export function bytesReader(least: number): ValueReader<number> {
  return (text) => {
    const value = parseBytes(text);
    if (value >= least && Number.isSafeInteger(value)) return value;
    throw new UsageError(
      `${text}: must be a whole number of bytes, KiB, MiB or GiB, such as 100MiB, and at least ${least} bytes.`,
    );
  };
}

/**
 * Reads the capacity of a ring in bytes: a power of two from 128 KiB to 64 MiB (wintun.h). The text may have a unit.
 * @throws {UsageError} for anything else.
 */
export function readRingBytes(text: string): number {
  const value = parseBytes(text);
  const isInRange = value >= MIN_RING_CAPACITY && value <= MAX_RING_CAPACITY;
  if (isInRange && Number.isInteger(Math.log2(value))) return value;
  throw new UsageError(
    `${text}: must be a power of two from ${MIN_RING_CAPACITY} (128KiB) to ${MAX_RING_CAPACITY} (64MiB) bytes.`,
  );
}

/**
 * Reads decimal digits with or without KiB, MiB or GiB. Returns the bytes, or NaN for anything else.
 * @throws {UsageError} for another unit.
 */
function parseBytes(text: string): number {
  const match = /^(\d+)\s*([a-z]*)$/i.exec(text);
  if (match === null) return NaN;
  const [, digits, unit] = match;
  const factor = UNITS[unit.toLowerCase()];
  if (factor !== undefined) return Number(digits) * factor;
  const isNear = /^[kmg]b?$/i.test(unit);
  throw new UsageError(
    `${text}: ${unit} is not a unit here; the units are KiB, MiB and GiB.`,
    isNear ? `Did you mean ${digits}${unit[0].toUpperCase()}iB?` : "",
  );
}

/**
 * Reads a GUID. Returns it in lower case and without braces.
 * @throws {UsageError} for anything else, and for the nil GUID (RFC 9562), which means no GUID.
 */
export function readGuid(text: string): string {
  const guid = normalGuid(text);
  if (guid === undefined) {
    throw new UsageError(`${text}: must be a GUID, such as deadbabe-cafe-beef-0123-456789abcdef.`);
  }
  if (guid === NIL_GUID) throw new UsageError(`${text}: is the nil GUID, which means no GUID.`);
  return guid;
}

/** Reads a tunnel type: 1 to 127 UTF-16 units without control characters. @throws {UsageError} for anything else. */
export function readTunnelType(text: string): string {
  const fault = tunnelTypeFault(text);
  if (fault === undefined) return text;
  throw new UsageError(`${JSON.stringify(text)}: ${fault}.`);
}

/**
 * Reads an adapter's name, as Windows allows it for a network connection.
 * @throws {UsageError} for anything else. Its message is a whole sentence, because the name is an operand.
 */
export function readAdapterName(text: string): string {
  const fault = adapterNameFault(text);
  if (fault === undefined) return text;
  throw new UsageError(`Adapter name ${JSON.stringify(text)}: ${fault}.`);
}

/** Reads the new name of an adapter, as the value of an option. @throws {UsageError} for what `readAdapterName` refuses. */
export function readNewName(text: string): string {
  const fault = adapterNameFault(text);
  if (fault === undefined) return text;
  throw new UsageError(`${JSON.stringify(text)}: ${fault}.`);
}

/**
 * Reads what means an adapter that may not exist yet: a name, a GUID or `ifIndex:7`.
 * @throws {UsageError} as `readAdapterName` does.
 */
export function readAdapterReference(text: string): string {
  return isReference(text) ? text : readAdapterName(text);
}
