import { hex } from "./hex.ts";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Returns a GUID in lower case and without braces. `text` may have braces; if it is not a GUID, the result is
 * `undefined`.
 */
export function normalGuid(text: string): string | undefined {
  const bare = text.toLowerCase().replace(/^\{(.*)\}$/, "$1");
  return GUID.test(bare) ? bare : undefined;
}

/** Returns the 16 bytes of a GUID in the order of its text (RFC 9562), or `undefined` if `text` is not a GUID. */
export function parseUuid(text: string): Uint8Array<ArrayBuffer> | undefined {
  const digits = normalGuid(text)?.replaceAll("-", "");
  if (digits === undefined) return undefined;
  return Uint8Array.from({ length: 16 }, (_, index) => parseInt(digits.slice(index * 2, index * 2 + 2), 16));
}

/** Formats 16 bytes that are in the order of the text (RFC 9562): lower case, without braces. */
export function formatUuid(bytes: Uint8Array): string {
  const digits = hex(bytes);
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map(([from, to]) => digits.slice(from, to)).join(
    "-",
  );
}

/**
 * Returns the 16 bytes of a GUID structure (guiddef.h: Data1, Data2 and Data3 little-endian, Data4 as written). Accepts
 * the text that `normalGuid` accepts; for any other text the result is `undefined`.
 */
export function parseGuid(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = parseUuid(text);
  return bytes && swapFields(bytes);
}

/** Formats the 16 bytes of a GUID structure (guiddef.h): lower case, without braces. */
export function formatGuid(bytes: Uint8Array): string {
  return formatUuid(swapFields(bytes.slice(0, 16)));
}

/** Changes Data1 to Data3 from one byte order to the other, in place. */
function swapFields<T extends Uint8Array>(bytes: T): T {
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
