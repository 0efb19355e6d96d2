import { formatGuid, parseGuid, swapFields } from "../wire/guid.ts";

/**
 * The GUID that an adapter of this name has on this machine: RFC 9562 section 5.5 (version 5: SHA-1), with the machine's
 * own GUID as the namespace. So Windows knows the adapter's network again each time, and two machines never share one.
 * Case does not matter, as it does not for Windows.
 */
export async function deriveGuid(machineGuid: string, name: string): Promise<string> {
  const namespace = parseGuid(machineGuid);
  if (namespace === undefined) throw new TypeError(`not a GUID: ${machineGuid}`);
  const text = new TextEncoder().encode(`wintun adapter ${name.toLowerCase()}`);
  // UUIDs are hashed in network byte order; a GUID structure has its first fields the other way round.
  const input = new Uint8Array([...swapFields(namespace), ...text]);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-1", input)).slice(0, 16);
  hash[6] = (hash[6] & 0x0F) | 0x50;
  hash[8] = (hash[8] & 0x3F) | 0x80;
  return formatGuid(swapFields(hash));
}
