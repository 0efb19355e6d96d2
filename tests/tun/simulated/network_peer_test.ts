import { assertEquals } from "@std/assert";
import { EMPTY } from "../../../src/wintun/device.ts";
import {
  attachSimulatedDevice,
  createSimulatedAttachment,
  SimulatedLink,
} from "../../../src/tun/simulated/device.ts";
import { type PeerEvent, SimulatedPeer } from "../../../src/tun/simulated/peer.ts";
import { answerEcho } from "../../../src/tun/simulated/ping_packets.ts";
import { internetChecksum } from "../../../src/wire/checksum.ts";
import { parseCidr } from "../../../src/wire/cidr.ts";
import { describe } from "../../../src/wire/describe.ts";
import { buildIcmpEchoRequest, ICMP_CHECKSUM } from "../../../src/wire/icmp.ts";
import { buildIp, parseIp } from "../../../src/wire/ip.ts";
import { parseIpAddress } from "../../../src/wire/ip_address.ts";
import { PROTOCOL_ICMP } from "../../../src/wire/ip_protocol.ts";
import { IPV4_CHECKSUM, IPV4_HEADER_LENGTH, IPV4_IDENTIFICATION, IPV4_TTL } from "../../../src/wire/ipv4.ts";
import { writeUint16 } from "../../../src/wire/packet.ts";

const OWN = parseCidr("10.6.7.7/24");
const ROUTER = parseIpAddress("10.6.7.254");

/**
 * Runs a peer that knows of a network, until it has reported `wanted` events.
 * @param answer Returns what the network sends for a packet of the peer.
 */
async function runPeer(
  targets: readonly string[],
  wanted: number,
  answer: (packet: Uint8Array, number: number) => readonly Uint8Array[],
): Promise<{ events: PeerEvent[]; packets: string[] }> {
  const attachment = createSimulatedAttachment(0x20000);
  const device = attachSimulatedDevice(attachment);
  const { memory, receive, receivedSize, release, senderOf } = device.packets;
  const events: PeerEvent[] = [];
  const packets: string[] = [];
  const enough = Promise.withResolvers<void>();
  const peer = new SimulatedPeer(
    new SimulatedLink(attachment),
    () => [OWN],
    1,
    (event) => {
      if (events.push(event) === wanted) enough.resolve();
    },
    { targets: targets.map((target) => parseIpAddress(target)) },
  );
  const reader = setInterval(() => {
    for (let at = receive(); at !== EMPTY; at = receive()) {
      const packet = memory.slice(at, at + receivedSize[0]);
      release(at);
      packets.push(describe(packet, packet.length));
      for (const reply of answer(packet, packets.length)) senderOf(reply)(0, reply.length);
    }
  }, 1);
  try {
    await enough.promise;
  } finally {
    clearInterval(reader);
    peer.finish();
    device.close();
  }
  return { events, packets };
}

/** The reply of a host that is so many routers away. */
function replyOf(request: Uint8Array, hops = 0): Uint8Array {
  const reply = answerEcho(request);
  reply[IPV4_TTL] = 64 - hops;
  // The replies of this program keep the identification.
  reply.set(request.subarray(IPV4_IDENTIFICATION, IPV4_IDENTIFICATION + 2), IPV4_IDENTIFICATION);
  writeUint16(reply, IPV4_CHECKSUM, 0);
  writeUint16(reply, IPV4_CHECKSUM, internetChecksum(reply, 0, IPV4_HEADER_LENGTH));
  return reply;
}

function hostUnreachable(request: Uint8Array): Uint8Array {
  const message = Uint8Array.of(3, 1, 0, 0, 0, 0, 0, 0, ...request);
  writeUint16(message, ICMP_CHECKSUM, internetChecksum(message, 0, message.length));
  return buildIp({ source: ROUTER, destination: parseIp(request).source }, PROTOCOL_ICMP, message);
}

Deno.test("SimulatedPeer pings the given targets in turn, and takes replies from behind routers, late and doubled", async () => {
  const waiting: Uint8Array[] = [];
  const { events } = await runPeer(["10.6.7.20", "10.6.7.30"], 4, (packet) => {
    waiting.push(replyOf(packet, 5));
    return waiting.length < 2 ? [] : [waiting[0], waiting.shift()!];
  });
  assertEquals(events, [
    { type: "answered", target: "10.6.7.20" },
    { type: "answered", target: "10.6.7.30" },
    { type: "answered", target: "10.6.7.20" },
    { type: "answered", target: "10.6.7.30" },
  ]);
});

Deno.test("SimulatedPeer goes on without replies, and reports ICMP errors by their names", async () => {
  const { events } = await runPeer(
    ["10.6.7.20"],
    2,
    (packet, number) => number % 2 === 0 ? [] : [hostUnreachable(packet)],
  );
  const failed = { type: "failed", target: "10.6.7.20", reason: "host unreachable" } as const;
  assertEquals(events, [failed, failed]);
});

Deno.test("SimulatedPeer still reports a reply with a wrong byte", async () => {
  const { events } = await runPeer(["10.6.7.20"], 1, (packet) => {
    const reply = replyOf(packet);
    reply[reply.length - 1] ^= 1;
    return [reply];
  });
  assertEquals(events[0].type, "wrong");
});

for (
  const [pinger, own, expected] of [
    ["10.6.7.8", "10.6.7.7", "10.6.7.7 > 10.6.7.8 ICMP echo reply id 7 seq 9 ttl 128 length 31"],
    ["fd00::8", "fd00::7", "fd00::7 > fd00::8 ICMPv6 echo reply id 7 seq 9 hop limit 128 length 51"],
  ]
) {
  Deno.test(`SimulatedPeer answers pings of the network as Windows does (${pinger})`, async () => {
    const request = buildIcmpEchoRequest({
      source: parseIpAddress(pinger),
      destination: parseIpAddress(own),
      identifier: 7,
      sequence: 9,
      payload: Uint8Array.of(1, 2, 3),
    });
    const { packets } = await runPeer(["10.6.7.20"], 2, (packet) => {
      if (!describe(packet, packet.length).includes("echo request")) return [];
      return [request, replyOf(packet)];
    });
    const reply = packets.find((packet) => packet.includes("echo reply"));
    assertEquals(reply, expected);
  });
}
