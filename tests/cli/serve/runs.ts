/** Runs of `wintun serve` in this process, on simulated hosts. */

import { assert } from "@std/assert";
import { main } from "../validated_main.ts";
import type { Adapter, Host, PacketSession } from "../../../src/tun/host.ts";
import { FakeEnvironment } from "../fake_environment.ts";
import type { SimulatedAttachment } from "../../../src/tun/simulated/device.ts";
import { viewOf } from "../host_view.ts";

/** The result of a run. */
export interface Outcome {
  readonly code: number;
  readonly environment: FakeEnvironment;
}

/** Runs `wintun serve` with `args` to its end, in the environment that `prepare` has changed. */
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

/** Makes this host, with some methods replaced, the machine of the environment. The test still owns the host. */
export function onHost(host: Host, changes: Partial<Host> = {}): (environment: FakeEnvironment) => void {
  return (environment) => {
    environment.host = () => viewOf(host, changes);
  };
}

/** Returns the memory that holds the rings of a session on a simulated host. */
export function ringsOf({ attachment }: PacketSession): SimulatedAttachment {
  assert(attachment.kind === "simulated");
  return attachment;
}

/** Returns the host, and passes each session that opens to `onOpen`. */
export function withSessions(host: Host, onOpen: (session: PacketSession) => void): Host {
  const watched = (adapter: Adapter): Adapter => ({
    info: adapter.info,
    created: adapter.created,
    stopRequested: adapter.stopRequested,
    removed: adapter.removed,
    sessionStopRequested: adapter.sessionStopRequested,
    openSession: (capacityBytes) => {
      const session = adapter.openSession(capacityBytes);
      onOpen(session);
      return session;
    },
    close: () => adapter.close(),
    [Symbol.dispose]: () => adapter.close(),
  });
  return viewOf(host, {
    create: async (request) => watched(await host.create(request)),
    open: async (name) => watched(await host.open(name)),
  });
}
