/** The start of the names of the services of this program. */
export const SERVICE_PREFIX = "wintun$";

/** The command of this program that runs as the service of an adapter: `service GUID`. */
export const SERVICE_COMMAND = "service";

/** Returns the name of the service that holds the adapter with that GUID. */
export function serviceName(guid: string): string {
  return `${SERVICE_PREFIX}${guid}`;
}
