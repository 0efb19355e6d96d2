import { formatUuid, parseUuid } from "../wire/guid.ts";

/**
 * Returns the GUID that an adapter of this name has on this machine, in lower case and without braces: RFC 9562 section 5.5
 * (version 5: SHA-1), with the machine's GUID as the namespace. Windows recognizes the adapter's network by it each time, and
 * two machines never share a GUID. The case of the name does not matter, because Windows ignores it.
 * @param machineGuid With or without braces.
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
