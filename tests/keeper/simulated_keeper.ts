/**
 * Runs the keeper's process on a simulated machine. It is interrupted when it is ready, and the host logs that it is
 * closed.
 */

import { runKeeperProcess } from "../../src/keeper/keeper_process.ts";
import type { Host, HostOptions } from "../../src/tun/host.ts";
import { SimulatedHost } from "../../src/tun/simulated/host.ts";

const interrupt = new AbortController();
function openHost({ log }: HostOptions): Promise<Host> {
  const host = new SimulatedHost();
  const find = host.find.bind(host);
  host.find = (guid) => {
    // find() is the last call before the keeper is ready.
    setTimeout(() => interrupt.abort());
    return find(guid);
  };
  host.close = () => Promise.resolve(log({ level: "info", message: "closing" }));
  return Promise.resolve(host);
}

await runKeeperProcess({ environment: { system: undefined, openHost }, interrupted: interrupt.signal });
