import { assertEquals } from "@std/assert";
import { EchoServer } from "../../../src/echo/server.ts";
import { SimulatedHost } from "../../../src/tun/simulated/host.ts";
import { parseCidr } from "../../../src/wire/cidr.ts";
import { parseIpAddress } from "../../../src/wire/ip_address.ts";

const SERIES = { payloadBytes: 9000, parallel: 2, count: 6, durationMs: 5000, timeoutMs: 50 };
const never = new AbortController().signal;

for (const icmp of [true, false]) {
  Deno.test(`SimulatedHost.ping() pings a served adapter${icmp ? "" : ", and loses what is not answered"}`, async () => {
    await using host = new SimulatedHost({ pingIntervalMs: 1 });
    using adapter = await host.create({ name: "lab", type: "Wintun" });
    const [addresses, routes] = [[parseCidr("10.6.7.7/24")], [parseCidr("10.8.0.0/16")]];
    await host.configure(adapter.info.luid, { addresses, routes });
    using session = adapter.openSession(0x40000);
    const echo = new EchoServer(session, { icmp, udp: false, noHosts: [] });
    await echo.ready;
    for (const target of ["10.6.7.9", "10.8.1.1"].map((text) => parseIpAddress(text))) {
      const { sent, answered, wrong, failures } = await host.ping({ ...SERIES, target }, never);
      const lost = failures.reduce((sum, { count }) => sum + count, 0);
      assertEquals([answered, wrong, lost], icmp ? [6, 0, 0] : [0, 0, sent]);
    }
    echo.stop();
    await echo.done;
  });
}

Deno.test("SimulatedHost.ping() loses pings of an address that no session serves", async () => {
  await using host = new SimulatedHost();
  const { sent, failures } = await host.ping({ ...SERIES, target: parseIpAddress("10.6.7.9") }, never);
  assertEquals(failures, [{ status: 11_010, count: sent }]);
});
