/** Runs of `wintun serve` in this process, on simulated hosts. */

import { assert } from "@std/assert";
import { main } from "../../../src/main.ts";
import type { Adapter, AdapterInfo, Host, PacketSession } from "../../../src/tun/host.ts";
import { FakeEnvironment } from "../fake_environment.ts";

/** What became of a run. */
export interface Outcome {
  readonly code: number;
  readonly environment: FakeEnvironment;
}

/** Runs `wintun serve` with `args`, and what `prepare` makes of the environment, to its end. */
export async function serve(
  args: string,
  prepare: (environment: FakeEnvironment) => void = () => {},
): Promise<Outcome> {
  const environment = new FakeEnvironment();
  prepare(environment);
  const code = await main(["serve", ...args.split(" ").filter((word) => word !== "")], environment);
  assert(!environment.hasSignalHandlers, "signals are no longer listened for");
  return { code, environment };
}

/** Makes the environment's machine this host, which the test keeps. */
export function onHost(host: Host): (environment: FakeEnvironment) => void {
  return (environment) => {
    // What serve closes at its end is its own view; the test looks at the host afterwards.
    environment.host = () => keepOpen(host);
  };
}

/** The host, of which `close` closes nothing, and whose sessions are shown to `onOpen` when they open. */
export function withSessions(host: Host, onOpen: (session: PacketSession, info: AdapterInfo) => void): Host {
  const watched = (adapter: Adapter): Adapter => ({
    info: adapter.info,
    created: adapter.created,
    stopRequested: adapter.stopRequested,
    openSession: (capacityBytes) => {
      const session = adapter.openSession(capacityBytes);
      onOpen(session, adapter.info);
      return session;
    },
    close: () => adapter.close(),
    [Symbol.dispose]: () => adapter.close(),
  });
  return {
    ...keepOpen(host),
    create: async (request) => watched(await host.create(request)),
    open: async (name) => watched(await host.open(name)),
  };
}

/** The host, of which `close` closes nothing. */
export function keepOpen(host: Host): Host {
  return {
    list: (options) => host.list(options),
    find: (name) => host.find(name),
    check: (request) => host.check(request),
    create: (request) => host.create(request),
    open: (name) => host.open(name),
    configure: (luid, settings) => host.configure(luid, settings),
    stop: (info, timeoutMs) => host.stop(info, timeoutMs),
    remove: (info) => host.remove(info),
    driverVersion: () => host.driverVersion(),
    removeDriver: () => host.removeDriver(),
    examine: () => host.examine(),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
