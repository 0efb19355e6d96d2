import { formatUuid, parseUuid } from "../wire/guid.ts";

/**
 * Returns the GUID that an adapter of this name has on this machine, in lower case and without braces: RFC 9562 section 5.5
 * (version 5: SHA-1), with the machine's GUID as the namespace. Windows recognizes the adapter's network by it each time.
 * On another machine it is another GUID. The case of the name does not matter, because Windows ignores it.
 * @param machineGuid With or without braces.
 * @throws {TypeError} when `machineGuid` is not a GUID.
 */
export async function deriveGuid(machineGuid: string, name: string): Promise<string> {
  return await guidIn(machineGuid, `wintun adapter ${name.toLowerCase()}`);
}

/**
 * Returns the GUID of the rule that an adapter has for names under a domain: the same each time, so that a rule is found again.
 * @param adapterGuid With or without braces.
 * @throws {TypeError} when `adapterGuid` is not a GUID.
 */
export async function deriveRuleGuid(adapterGuid: string, domain: string): Promise<string> {
  return await guidIn(adapterGuid, `wintun DNS rule ${domain.toLowerCase()}`);
}

/** Returns the GUID of a text in a namespace, which is a GUID itself (RFC 9562 section 5.5). */
async function guidIn(namespaceGuid: string, text: string): Promise<string> {
  const namespace = parseUuid(namespaceGuid);
  if (namespace === undefined) throw new TypeError(`not a GUID: ${namespaceGuid}`);
  const bytesOfText = new TextEncoder().encode(text);
  const digest = await crypto.subtle.digest("SHA-1", new Uint8Array([...namespace, ...bytesOfText]));
  const bytes = new Uint8Array(digest, 0, 16);
  bytes[6] = (bytes[6] & 0x0F) | 0x50;
  bytes[8] = (bytes[8] & 0x3F) | 0x80;
  return formatUuid(bytes);
}
