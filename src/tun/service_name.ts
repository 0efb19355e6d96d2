/** The start of the names of the services of this program. */
export const SERVICE_PREFIX = "wintun$";

/** Returns the name of the service that holds the adapter with that GUID. */
export function serviceName(guid: string): string {
  return `${SERVICE_PREFIX}${guid}`;
}
