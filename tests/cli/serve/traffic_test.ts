import { assert, assertEquals } from "@std/assert";
import type { PacketSession } from "../../../src/tun/host.ts";
import { SimulatedLink } from "../../../src/tun/simulated/device.ts";
import { SimulatedHost } from "../../../src/tun/simulated/host.ts";
import { buildIcmpEchoRequest } from "../../../src/wire/icmp.ts";
import { parseIpAddress } from "../../../src/wire/ip_address.ts";
import { buildUdp } from "../../wire/udp_datagram.ts";
import { corruptReceiveRing } from "../../tun/simulated/faults.ts";
import { onHost, ringsOf, serve, withSessions } from "./runs.ts";

const ENDS = { source: parseIpAddress("10.6.7.8"), destination: parseIpAddress("10.6.7.9") };
const MALFORMED = Uint8Array.of(0x45, 0);

const ping = (sequence: number): Uint8Array => buildIcmpEchoRequest({ ...ENDS, identifier: 1, sequence });
const datagram = (size: number): Uint8Array =>
  buildUdp({ ...ENDS, sourcePort: 4000, destinationPort: 7000, payload: new Uint8Array(size) });

/** The driver's side of a session. */
const linkOf = (session: PacketSession): SimulatedLink => new SimulatedLink(ringsOf(session));

Deno.test("serve adds up all that its sessions counted", async () => {
  const host = new SimulatedHost();
  // Without an address, so that nothing but the packets of this test arrives.
  using _ = await host.create({ name: "lab", type: "Wintun" });
  const traffic = [[datagram(100), MALFORMED, ping(1)], [datagram(0), datagram(0), MALFORMED, ping(2)]];
  let first: PacketSession | undefined;
  const view = withSessions(host, (session) => {
    first ??= session;
    for (const packet of traffic.shift()!) linkOf(session).deliver(packet);
  });
  const { environment } = await serve("lab --echo icmp --log-packets --json", (environment) => {
    onHost(view)(environment);
    environment.stdout.written(/echo reply id 1 seq 1/).then(() => corruptReceiveRing(ringsOf(first!)));
    environment.stdout.written(/echo reply id 1 seq 2/).then(() => environment.signal("SIGINT"));
  });
  const { received, receivedBytes, replied, repliedBytes, ignored, malformed, restarts } = environment.stdout
    .objects.at(-1);
  assertEquals([received, receivedBytes], [7, 128 + 2 + 28 + 28 + 28 + 2 + 28]);
  assertEquals([replied, repliedBytes, ignored, malformed, restarts], [2, 56, 3, 2, 1]);
});

Deno.test("serve counts the packets of all sessions that the log lacks because the tap was full", async () => {
  const host = new SimulatedHost();
  // Without an address, so that nothing but the packets of this test arrives.
  using _ = await host.create({ name: "lab", type: "Wintun" });
  let session: PacketSession | undefined;
  const view = withSessions(host, (opened) => session ??= opened);
  const { environment } = await serve("lab --ring 1MiB --log-packets --json", (environment) => {
    onHost(view)(environment);
    environment.stdout.written(/"ready"/).then(() => {
      const large = datagram(60_000);
      const link = linkOf(session!);
      // These are more packets than the tap holds. This thread, which empties the tap, is busy meanwhile.
      for (let packet = 0; packet < 300; packet++) while (!link.deliver(large));
      corruptReceiveRing(ringsOf(session!));
    });
    environment.stderr.written(/A new session is open/).then(() => environment.signal("SIGINT"));
  });
  const events = environment.stdout.objects;
  const { received, replied, tapMissed, packetLog } = events.at(-1);
  const logged = events.filter(({ event }) => event === "packet").length;
  assert(logged > 0 && tapMissed > 0, `${logged} logged`);
  assertEquals([logged + tapMissed, packetLog], [received + replied, { written: logged, missed: tapMissed }]);
});

Deno.test("serve leaves packets and statistics out for a reader that stalls, and counts the packets", async () => {
  const host = new SimulatedHost();
  // Without an address, so that nothing but the packets of this test arrives.
  using _ = await host.create({ name: "lab", type: "Wintun" });
  const reading = Promise.withResolvers<void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  const view = withSessions(host, (session) => {
    const link = linkOf(session);
    // The packets come slowly enough for the log, which pauses when its reader is behind.
    timer = setInterval(() => {
      for (let packet = 0; packet < 100; packet++) link.deliver(datagram(200));
    }, 10);
  });
  const { environment } = await serve("lab --log-packets --stats 0.01 --json", (environment) => {
    // At the end, when everything is in the queue.
    onHost(view, { [Symbol.asyncDispose]: () => Promise.resolve(reading.resolve()) })(environment);
    const { stdout, stderr } = environment;
    stdout.writeLater = (text) => reading.promise.then(() => stdout.write(text));
    stderr.written(/came too fast for the log/).then(() => {
      clearInterval(timer);
      environment.signal("SIGINT");
    });
  });
  const events = environment.stdout.objects;
  const { received, replied, tapMissed, packetLog } = events.at(-1);
  const logged = events.filter(({ event }) => event === "packet").length;
  assert(tapMissed > 0);
  assertEquals([logged + tapMissed, packetLog], [received + replied, { written: logged, missed: tapMissed }]);
  const lastPacket = events.findLastIndex(({ event }) => event === "packet");
  // The queue may have been filled by statistics.
  assert(events.length - lastPacket <= 3, `${events.length - lastPacket} events`);
});

Deno.test("serve leaves pings of its own out for a reader that stalls, and counts them", async () => {
  const host = new SimulatedHost({ network: { targets: [] } });
  const reading = Promise.withResolvers<void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  const view = withSessions(host, (session) => {
    timer = setInterval(() => {
      for (let packet = 0; packet < 100; packet++) linkOf(session).deliver(datagram(200));
    }, 10);
  });
  const args = "lab --address 10.6.7.7/24 --log-packets --ping 10.6.7.7 --ping-interval 0.01 --json";
  const { environment } = await serve(args, (environment) => {
    onHost(view, { [Symbol.asyncDispose]: () => Promise.resolve(reading.resolve()) })(environment);
    const { stdout, stderr } = environment;
    stdout.writeLater = (text) => reading.promise.then(() => stdout.write(text));
    stderr.written(/came too fast for the log/).then(() => {
      clearInterval(timer);
      // The reader is behind, so the pings of this time are left out.
      setTimeout(() => environment.signal("SIGINT"), 1_000);
    });
  });
  const events = environment.stdout.objects;
  const reported = events.filter(({ event }) => event === "ping").length;
  const { received } = events.at(-1).ping;
  assert(reported < received, `${reported} of ${received} reported`);
});

Deno.test("serve --stats tells the rates since the statistics before", async () => {
  const host = new SimulatedHost();
  // Without an address, so that nothing but the packets of this test arrives.
  using _ = await host.create({ name: "lab", type: "Wintun" });
  const view = withSessions(host, (session) => {
    for (let packet = 0; packet < 100; packet++) linkOf(session).deliver(ping(packet));
  });
  const { environment } = await serve("lab --stats 0.02 --json", (environment) => {
    onHost(view)(environment);
    const twice = /"received":100,[^]*"received":100,/;
    environment.stdout.written(twice).then(() => environment.signal("SIGINT"));
  });
  const stats = environment.stdout.objects.filter(({ event }) => event === "stats");
  assert(stats.some(({ receivedPerSecond }) => receivedPerSecond > 0));
  const { receivedPerSecond, repliedPerSecond, receivedBytesPerSecond, repliedBytesPerSecond } = stats.at(-1);
  assertEquals(
    [receivedPerSecond, repliedPerSecond, receivedBytesPerSecond, repliedBytesPerSecond],
    [0, 0, 0, 0],
  );
});

Deno.test("serve counts corrupt sessions in a row anew after one that went well for a minute", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  let [skippedMs, sessions] = [0, 0];
  const view = withSessions(host, (session) => {
    skippedMs += 61_000;
    if (sessions++ < 5) corruptReceiveRing(ringsOf(session));
  });
  const { code, environment } = await serve("lab --address 10.6.7.7/24 --count 1 --json", (environment) => {
    environment.now = () => performance.now() + skippedMs;
    onHost(view)(environment);
  });
  assertEquals([code, environment.stdout.objects.at(-1).restarts], [0, 5]);
});
