import { adapterNameFault } from "../tun/adapter_name.ts";
import { MAX_NAME_UNITS } from "../wintun/symbols.ts";
import { type Cidr, parseCidr } from "../wire/cidr.ts";
import { AddressSyntaxError, type IpAddress, parseIpAddress } from "../wire/ip_address.ts";
import type { ValueReader } from "./options.ts";
import { UsageError } from "./usage_error.ts";

// Each reader throws a UsageError whose message goes on after the option's name: `--mtu 12: must be …`.

const KIB = 1024;
const MIB = 1024 * KIB;
const UNITS: Readonly<Record<string, number>> = { "": 1, kib: KIB, mib: MIB, gib: 1024 * MIB };
/** wintun.h: WINTUN_MIN_RING_CAPACITY and WINTUN_MAX_RING_CAPACITY. */
const MIN_RING_BYTES = 128 * KIB;
const MAX_RING_BYTES = 64 * MIB;

const GUID = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/i;

/** Whole numbers from `least` to `most`, written in decimal digits. */
export function integerReader(least: number, most: number): ValueReader<number> {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    throw new UsageError(`${text}: must be a whole number from ${least} to ${most}.`);
  };
}

/** Seconds as a decimal number above zero, at most `most`. */
export function secondsReader(most: number): ValueReader<number> {
  return (text) => {
    const value = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;
    if (value > 0 && value <= most) return value;
    throw new UsageError(`${text}: must be a number of seconds above 0 and at most ${most}, such as 2.5.`);
  };
}

/** Bytes, with or without a unit, at least `least`. */
export function bytesReader(least: number): ValueReader<number> {
  return (text) => {
    const value = parseBytes(text);
    if (value >= least && Number.isSafeInteger(value)) return value;
    throw new UsageError(`${text}: must be at least ${least} bytes, such as 100MiB.`);
  };
}

/** A ring's capacity in bytes: a power of two from 128 KiB to 64 MiB (wintun.h). */
export function readRingBytes(text: string): number {
  const value = parseBytes(text);
  if (value >= MIN_RING_BYTES && value <= MAX_RING_BYTES && Number.isInteger(Math.log2(value))) return value;
  throw new UsageError(
    `${text}: must be a power of two from ${MIN_RING_BYTES} (128KiB) to ${MAX_RING_BYTES} (64MiB) bytes.`,
  );
}

/** Decimal digits and perhaps KiB, MiB or GiB; NaN for anything else. */
function parseBytes(text: string): number {
  const match = /^(\d+)([KMG]iB)?$/i.exec(text);
  if (match === null) return NaN;
  const [, digits, unit = ""] = match;
  return Number(digits) * UNITS[unit.toLowerCase()];
}

/** An address with its prefix length: 10.6.7.7/24 or fd00::7/64. */
export function readCidr(text: string): Cidr {
  try {
    return parseCidr(text);
  } catch (error) {
    if (!(error instanceof AddressSyntaxError)) throw error;
    throw new UsageError(`${error.message}.`);
  }
}

/** An adapter's own address: 10.6.7.7/24 or fd00::7/64, and nothing that no host can have. */
export function readInterfaceAddress(text: string): Cidr {
  const cidr = readCidr(text);
  const kind = unusableKind(cidr.address);
  if (kind !== undefined) throw new UsageError(`${text}: is ${kind} address, which no adapter can have.`);
  return cidr;
}

/** Addresses that cannot be a host's (RFC 6890, RFC 4291). */
function unusableKind({ family, bytes }: IpAddress): string | undefined {
  if (family === 4) {
    if (bytes[0] === 0) return "an unspecified";
    if (bytes[0] === 127) return "a loopback";
    if (bytes[0] >= 224 && bytes[0] < 240) return "a multicast";
    return bytes[0] >= 240 ? "a reserved" : undefined;
  }
  if (bytes[0] === 0xff) return "a multicast";
  if (bytes.subarray(0, 15).some((byte) => byte !== 0)) return undefined;
  return bytes[15] === 0 ? "an unspecified" : bytes[15] === 1 ? "a loopback" : undefined;
}

/** An address alone: 10.6.7.1 or fd00::1. */
export function readIpAddress(text: string): IpAddress {
  try {
    return parseIpAddress(text);
  } catch (error) {
    if (!(error instanceof AddressSyntaxError)) throw error;
    throw new UsageError(`${error.message}.`);
  }
}

/** A GUID in lower case and without braces. */
export function readGuid(text: string): string {
  const match = GUID.exec(text);
  if (match !== null) return match[1].toLowerCase();
  throw new UsageError(`${text}: must be a GUID, such as deadbabe-cafe-beef-0123-456789abcdef.`);
}

/** A tunnel type: 1 to 127 UTF-16 units. */
export function readTunnelType(text: string): string {
  if (text.length <= MAX_NAME_UNITS) return text;
  throw new UsageError(
    `is too long: a type has at most ${MAX_NAME_UNITS} characters, this has ${text.length}.`,
  );
}

/** An adapter's name as Windows allows it for a network connection. Throws with a whole sentence. */
export function readAdapterName(text: string): string {
  const fault = adapterNameFault(text);
  if (fault === undefined) return text;
  throw new UsageError(`Adapter name ${JSON.stringify(text)}: ${fault}.`);
}
