import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { buildIcmpEchoRequest } from "../../src/wire/icmp.ts";
import { type IpAddress, parseIpAddress } from "../../src/wire/ip_address.ts";
import type { ServeEvent } from "../serving.ts";
import { TestFolder } from "../test_folder.ts";
import { fragmentsOf } from "../wire/fragments.ts";
import { buildUdp } from "../wire/udp_datagram.ts";
import { countPackets, OUTBOUND } from "./capture_tools.ts";
import { isAnswered, untilAnswered } from "./load.ts";
import { NetworkNamespace } from "./network_namespace.ts";
import { serve } from "./served.ts";

/* Packets that a kernel does not send by itself, and how the replies compare with those of a host. */

const SENDER = fromFileUrl(new URL("./packet_sender.ts", import.meta.url));
const DUAL_STACK = ["--address", "10.6.7.7/24", "--address", "fd06:7::7/64"];

interface Ends {
  readonly source: IpAddress;
  readonly destination: IpAddress;
}

const ends = (source: string, destination: string): Ends => ({
  source: parseIpAddress(source),
  destination: parseIpAddress(destination),
});
const IPV4 = ends("10.6.7.7", "10.6.7.9");
const IPV6 = ends("fd06:7::7", "fd06:7::9");
const PAYLOAD = Uint8Array.from({ length: 3000 }, (_, index) => index * 7);

const ping = (between: Ends, payload = PAYLOAD.subarray(0, 56)): Uint8Array =>
  buildIcmpEchoRequest({ ...between, identifier: 0x77, sequence: 1, payload });
const datagram = (between: Ends): Uint8Array =>
  buildUdp({ ...between, sourcePort: 40_000, destinationPort: 7, payload: PAYLOAD.subarray(0, 100) });

/** The packet with its last byte damaged. */
function damaged(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  copy[copy.length - 1] ^= 1;
  return copy;
}

/** A ping of 3000 bytes in fragments, in order. */
const fragmentedPing = (between: Ends): Uint8Array[] => fragmentsOf(ping(between, PAYLOAD), 1000, 77);

/** Serves, sends the packets, and passes the capture and the totals to `look`. */
async function sendAll(
  packets: readonly Uint8Array[],
  look: (file: string, stopped: ServeEvent) => Promise<void>,
): Promise<void> {
  await using namespace = await NetworkNamespace.create();
  await using folder = new TestFolder();
  const file = `${folder.path}/lab.pcapng`;
  await using served = await serve(namespace, "lab", ...DUAL_STACK, "--mtu", "1500", "--pcap", file);
  const digits = packets.map((packet) =>
    Array.from(packet, (byte) => byte.toString(16).padStart(2, "0")).join("")
  );
  await namespace.run(Deno.execPath(), "run", "-A", "--no-check", SENDER, "lab", ...digits);
  // The packets that were sent before are answered by then.
  await untilAnswered(namespace, "10.6.7.200");
  const { code, stopped } = await served.stop();
  assertEquals(code, 0);
  await look(file, stopped!);
}

const RIGHT = "(!ip || ip.checksum.status == 1) && " +
  "(icmp.checksum.status == 1 || icmpv6.checksum.status == 1 || udp.checksum.status == 1)";
const OURS = `${OUTBOUND} && !(ip.src == 10.6.7.200)`;

Deno.test("serve is in the record of ping -R, and in that of ping -T tsandaddr", async () => {
  await using namespace = await NetworkNamespace.create();
  await using _served = await serve(namespace, "lab", ...DUAL_STACK);
  for (const option of [["-R"], ["-T", "tsandaddr"]]) {
    const output = await namespace.run("ping", "-n", "-c", "1", "-W", "5", ...option, "10.6.7.9");
    assertStringIncludes(output, "1 received");
    const record = output.slice(output.search(/^(RR|TS):/m), output.indexOf("--- 10.6.7.9"));
    assertStringIncludes(record, "10.6.7.9", output);
  }
});

for (const between of [IPV4, IPV6]) {
  const { family } = between.source;
  Deno.test(`serve answers the fragments of an IPv${family} ping in any order`, async () => {
    const fragments = fragmentedPing(between);
    for (const packets of [fragments.toReversed(), [1, 3, 0, 2].map((index) => fragments[index])]) {
      await sendAll(packets, async (file, { malformed }) => {
        assertEquals(malformed, 0);
        const ours = family === 4
          ? "ip.id == 77 && ip.flags.df == 0 && ip.src == 10.6.7.9"
          : "ipv6.src == fd06:7::9";
        assertEquals(await countPackets(file, `${OURS} && ${ours}`), fragments.length);
        const reply = family === 4
          ? "icmp.type == 0 && data.len == 3000"
          : "icmpv6.type == 129 && data.len == 3000";
        assertEquals(await countPackets(file, `${OURS} && ${reply} && ${RIGHT}`), 1);
      });
    }
  });
}

Deno.test("serve does not reflect fragments of an echo reply that come before the first one", async () => {
  const reply = fragmentedPing(IPV4);
  reply[0][20] = 0;
  await sendAll(reply.toReversed(), async (file, { ignored }) => {
    assertEquals(await countPackets(file, `${OURS} && ip`), 0);
    assert(ignored >= reply.length, `${ignored} ignored`);
  });
});

Deno.test("serve sends back the IP datagram alone, without what lies behind it in the packet", async () => {
  const padded = [ping(IPV4), ping(IPV6), datagram(IPV4), datagram(IPV6)]
    .map((packet) => Uint8Array.of(...packet, 1, 2, 3, 4, 5, 6));
  await sendAll(padded, async (file) => {
    assertEquals(await countPackets(file, `${OURS} && ${RIGHT} && ip && frame.len == ip.len`), 2);
    assertEquals(await countPackets(file, `${OURS} && ${RIGHT} && ipv6 && frame.len == ipv6.plen + 40`), 2);
  });
});

Deno.test("serve counts requests with a wrong checksum as malformed and does not answer them", async () => {
  const requests = [ping(IPV4), ping(IPV6), datagram(IPV4), datagram(IPV6)];
  await sendAll(requests.map(damaged), async (file, { malformed }) => {
    assertEquals(malformed, 4);
    assertEquals(await countPackets(file, OURS), 0);
  });
  await sendAll(requests, async (file, { malformed }) => {
    assertEquals(malformed, 0);
    assertEquals(await countPackets(file, `${OURS} && ${RIGHT}`), 4);
  });
});

Deno.test("serve answers neither the network address nor that of the subnet's routers", async () => {
  const packets = [ping(ends("10.6.7.7", "10.6.7.0")), ping(ends("fd06:7::7", "fd06:7::"))];
  await sendAll(packets, async (file, { malformed }) => {
    assertEquals(malformed, 0);
    assertEquals(await countPackets(file, "icmp.type == 8 && ip.dst == 10.6.7.0"), 1);
    assertEquals(await countPackets(file, OURS), 0);
  });
});

Deno.test("serve on a subnet of two addresses answers the first one", async () => {
  await using namespace = await NetworkNamespace.create();
  await using _served = await serve(
    namespace,
    "lab",
    "--address",
    "10.6.7.7/31",
    "--address",
    "fd06:7::7/127",
  );
  for (const target of ["10.6.7.6", "fd06:7::6"]) assert(await isAnswered(namespace, target), target);
});
