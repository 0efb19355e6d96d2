import { format } from "@std/fmt/bytes";

/** Returns a number of bytes for people: `1.2 KiB`. */
export function bytes(value: number): string {
  return format(value, { binary: true });
}

/** Returns a number of bits for people: `1.2 kbit`. */
export function bits(value: number): string {
  return format(value, { bits: true });
}
