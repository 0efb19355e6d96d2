/** The enumerator of the devices of Wintun 0.14, which is the start of their instance ids. */
export const ENUMERATOR = "SWD\\Wintun";

/** Returns the instance id of the device that Wintun 0.14 makes for an adapter with that GUID (without braces). */
export function instanceIdOf(guid: string): string {
  return `${ENUMERATOR}\\{${guid.toUpperCase()}}`;
}
