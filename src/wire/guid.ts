const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A GUID in lower case and without braces, or `undefined` where `text` is not one, bare or in a pair of braces. */
export function normalGuid(text: string): string | undefined {
  const bare = text.toLowerCase().replace(/^\{(.*)\}$/, "$1");
  return GUID.test(bare) ? bare : undefined;
}

/**
 * The 16 bytes of a GUID structure (guiddef.h: Data1, Data2 and Data3 little-endian, Data4 as written), or
 * `undefined` where `text` is not a GUID, as `normalGuid` reads it.
 */
export function parseGuid(text: string): Uint8Array<ArrayBuffer> | undefined {
  const hex = normalGuid(text)?.replaceAll("-", "");
  if (hex === undefined) return undefined;
  const bytes = Uint8Array.from(
    { length: 16 },
    (_, index) => parseInt(hex.slice(index * 2, index * 2 + 2), 16),
  );
  return swapFields(bytes);
}

/** A GUID structure's 16 bytes as lower-case text without braces. */
export function formatGuid(bytes: Uint8Array): string {
  const hex = Array.from(swapFields(bytes.slice(0, 16)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Turns Data1 to Data3 from one byte order to the other, in place. */
export function swapFields<T extends Uint8Array>(bytes: T): T {
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
