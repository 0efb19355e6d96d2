import { MutexTimeoutError } from "../../windows/named_objects.ts";
import type { System } from "../../windows/system.ts";
import { HostError } from "../host_error.ts";

/** The lock that a process holds while it checks that a name is free, and gives the name to an adapter. */
const CREATION_LOCK = "wintun-create";
/** The time to wait for other processes that create adapters. One of them may take a minute and a half. */
const TURN_WAIT_MS = 110_000;

/**
 * Runs `body` while no other process of this program creates or renames an adapter.
 * @throws {HostError} `timeout` when others do so for 110 s.
 */
export async function alone<T>(system: System, operation: string, body: () => Promise<T>): Promise<T> {
  try {
    return await system.namedObjects.exclusively(CREATION_LOCK, TURN_WAIT_MS, body);
  } catch (error) {
    if (!(error instanceof MutexTimeoutError)) throw error;
    throw new HostError("timeout", operation, "other processes were creating adapters all the time", {
      hint: "Try again later.",
      cause: error,
    });
  }
}
