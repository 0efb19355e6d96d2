import { normalGuid } from "../wire/guid.ts";
import type { AdapterRequest } from "./host.ts";
import { HostError } from "./host_error.ts";

/**
 * Returns the GUID that a request asks for, in lower case and without braces; `undefined` if it asks for none.
 * @throws {HostError} `invalid` if the text is no GUID.
 */
export function requestedGuid({ guid }: AdapterRequest, operation: string): string | undefined {
  if (guid === undefined) return undefined;
  const normal = normalGuid(guid);
  if (normal === undefined) throw new HostError("invalid", operation, `"${guid}" is not a GUID`);
  return normal;
}
