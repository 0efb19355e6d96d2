import { formatUuid, parseUuid } from "../wire/guid.ts";

/**
 * The GUID that an adapter of this name has on this machine: RFC 9562 section 5.5 (version 5: SHA-1), with the machine's
 * own GUID as the namespace. So Windows knows the adapter's network again each time, and two machines never share one.
 * Case does not matter, as it does not for Windows.
 * @throws {TypeError} when `machineGuid` is not a GUID.
 */
export async function deriveGuid(machineGuid: string, name: string): Promise<string> {
  const namespace = parseUuid(machineGuid);
  if (namespace === undefined) throw new TypeError(`not a GUID: ${machineGuid}`);
  const text = new TextEncoder().encode(`wintun adapter ${name.toLowerCase()}`);
  const digest = await crypto.subtle.digest("SHA-1", new Uint8Array([...namespace, ...text]));
  const bytes = new Uint8Array(digest, 0, 16);
  bytes[6] = (bytes[6] & 0x0F) | 0x50;
  bytes[8] = (bytes[8] & 0x3F) | 0x80;
  return formatUuid(bytes);
}
