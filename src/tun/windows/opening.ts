import type { System } from "../../windows/system.ts";
import { ERROR_NOT_FOUND, Win32Error } from "../../windows/win32_error.ts";
import { Adapter } from "../../wintun/adapter.ts";
import type { Wintun } from "../../wintun/library.ts";
import type { AdapterInfo } from "../adapter_info.ts";
import { HostError, noSuchAdapter } from "../host_error.ts";
import { findAdapterByLuid, nameForWintun } from "./devices.ts";

/**
 * Opens exactly the adapter that was found. WintunOpenAdapter searches by a name of its own, which two adapters may share. The
 * caller owns the result.
 * @throws {HostError} `not-found` if it is being removed, `failed` if wintun.dll opens another one.
 * @throws {Win32Error} for other errors of wintun.dll.
 */
export function openFound(system: System, wintun: Wintun, found: AdapterInfo, operation: string): Adapter {
  const name = nameForWintun(system, found.luid) ?? found.name;
  let adapter: Adapter | undefined;
  try {
    adapter = Adapter.open(wintun, name);
    const { luid } = adapter;
    if (luid === found.luid) return adapter;
    throw openedAnother(system, found, luid, name, operation);
  } catch (error) {
    adapter?.close();
    if (!(error instanceof Win32Error)) throw error;
    // WintunOpenAdapter fails with various codes while the adapter is being removed.
    const isThere = findAdapterByLuid(system, found.luid) !== undefined;
    if (error.code !== ERROR_NOT_FOUND && isThere) throw error;
    throw noSuchAdapter(operation, { cause: error });
  }
}

function openedAnother(
  system: System,
  found: AdapterInfo,
  luid: bigint,
  name: string,
  operation: string,
): HostError {
  const other = findAdapterByLuid(system, luid);
  if (other === undefined) return noSuchAdapter(operation);
  const reason =
    `wintun.dll opens "${other.name}" in the place of "${found.name}": wintun.dll knows both as "${name}"`;
  return new HostError("failed", operation, reason, {
    hint: "Nothing was changed. Delete one of the two, and create it with a name of its own.",
  });
}
