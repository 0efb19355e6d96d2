import { assertEquals, assertRejects } from "@std/assert";
import { EchoServer } from "../../src/echo/server.ts";
import type { PacketSession } from "../../src/tun/host.ts";
import { SimulatedHost } from "../../src/tun/simulated/host.ts";

/** Runs an echo on a session to its end, and gives how many workers were terminated. */
async function terminatedBy(body: (session: PacketSession) => Promise<void>): Promise<number> {
  await using host = new SimulatedHost();
  using adapter = await host.create({ name: "lab", type: "Wintun" });
  using session = adapter.openSession(0x20000);
  const { terminate } = Worker.prototype;
  let terminated = 0;
  Worker.prototype.terminate = function (): void {
    terminated++;
    terminate.call(this);
  };
  try {
    await body(session);
  } finally {
    Worker.prototype.terminate = terminate;
  }
  return terminated;
}

Deno.test("EchoServer leaves no worker behind when it is stopped", async () => {
  const terminated = await terminatedBy(async (session) => {
    const server = new EchoServer(session, { icmp: true, udp: true });
    await server.ready;
    server.stop();
    assertEquals(await server.done, "stopped");
  });
  assertEquals(terminated, 1);
});

Deno.test("EchoServer leaves no worker behind when its worker fails", async () => {
  const terminated = await terminatedBy(async (session) => {
    const attachment = { kind: "simulated", memory: new SharedArrayBuffer(0), capacityBytes: 0 } as const;
    const server = new EchoServer({ ...session, attachment }, { icmp: true, udp: true });
    await assertRejects(() => server.ready, RangeError);
    await assertRejects(() => server.done, RangeError);
  });
  assertEquals(terminated, 1);
});
