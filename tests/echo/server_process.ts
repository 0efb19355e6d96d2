/** A process that serves one session and closes everything. It ends by itself unless a worker is left. */

import { EchoServer } from "../../src/echo/server.ts";
import { SimulatedHost } from "../../src/tun/simulated/host.ts";

await using host = new SimulatedHost();
using adapter = await host.create({ name: "lab", type: "Wintun" });
using session = adapter.openSession(0x20000);
if (Deno.args[0] === "stopped") {
  const server = new EchoServer(session, { icmp: true, udp: true });
  await server.ready;
  server.stop();
  print(await server.done);
} else {
  // No ring fits into this memory.
  const attachment = { kind: "simulated", memory: new SharedArrayBuffer(0), capacityBytes: 0 } as const;
  const server = new EchoServer({ ...session, attachment }, { icmp: true, udp: true });
  const errors = await Promise.all([server.ready, server.done].map((each) => each.catch(({ name }) => name)));
  print(errors.join());
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
