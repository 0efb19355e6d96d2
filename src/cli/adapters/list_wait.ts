import type { AdapterInfo, AdapterState } from "../../tun/adapter_info.ts";
import type { Host } from "../../tun/host.ts";
import { HostError } from "../../tun/host_error.ts";
import { InterruptedError } from "../process/interrupts.ts";
import { WatchedAdapters } from "./watched_adapters.ts";

/**
 * A state to wait for. An adapter that nothing lists is `absent`, and so is one of which only a device is left: `create` does not
 * refuse its name.
 */
export type AwaitedState = AdapterState | "absent";

/**
 * Waits until every named adapter has the state, and returns these adapters: none if they are absent.
 * @throws {HostError} `timeout`, with the state of each that has another one.
 * @throws {InterruptedError} if the user ends the wait.
 */
export async function waitForState(
  host: Host,
  names: readonly string[],
  state: AwaitedState,
  timeoutMs: number,
  interrupted: AbortSignal,
): Promise<readonly AdapterInfo[]> {
  const watched = new WatchedAdapters(host, names, { categories: true });
  const stateOf = (name: string): AwaitedState => watched.adapterOf(name)?.state ?? "absent";
  const isAwaited = (found: AwaitedState): boolean =>
    found === state || state === "absent" && found === "orphaned";
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  try {
    for await (const _ of host.changes(AbortSignal.any([interrupted, timeout.signal]))) {
      await watched.look();
      if (names.every((name) => isAwaited(stateOf(name)))) return state === "absent" ? [] : watched.adapters;
    }
  } finally {
    clearTimeout(timer);
  }
  if (interrupted.aborted) throw new InterruptedError(`Interrupted before every adapter was ${state}.`);
  const others = names.filter((name) => !isAwaited(stateOf(name))).map((name) =>
    `"${name}" is ${stateOf(name)}`
  );
  throw new HostError("timeout", `Cannot wait until every adapter is ${state}`, others.join(", "), {
    hint: "Wait longer with --timeout.",
  });
}
