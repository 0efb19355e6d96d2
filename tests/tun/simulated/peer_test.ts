import { assert, assertEquals } from "@std/assert";
import { EMPTY } from "../../../src/wintun/device.ts";
import {
  attachSimulatedDevice,
  createSimulatedAttachment,
  SimulatedLink,
} from "../../../src/tun/simulated/device.ts";
import { type PeerEvent, SimulatedPeer } from "../../../src/tun/simulated/peer.ts";
import { parseCidr } from "../../../src/wire/cidr.ts";
import { parseIp } from "../../../src/wire/ip.ts";
import { formatIpAddress } from "../../../src/wire/ip_address.ts";
import { createTestResponder } from "../../echo/responder/harness.ts";

/** Runs a peer until it has reported `wanted` events. `change` may alter each reply before it is sent. */
async function runPeer(
  cidrs: readonly string[],
  wanted: number,
  change: (reply: Uint8Array) => Uint8Array | undefined = (reply) => reply,
): Promise<{ events: PeerEvent[]; requests: Uint8Array[] }> {
  const attachment = createSimulatedAttachment(0x20000);
  const device = attachSimulatedDevice(attachment);
  const { responder } = createTestResponder(device.packets.memory);
  const addresses = cidrs.map(parseCidr);
  const events: PeerEvent[] = [];
  const requests: Uint8Array[] = [];
  const enough = Promise.withResolvers<void>();
  const peer = new SimulatedPeer(new SimulatedLink(attachment), () => addresses, 1, (event) => {
    events.push(event);
    if (events.length === wanted) enough.resolve();
  });
  const reader = setInterval(() => {
    for (let at = device.packets.receive(); at !== EMPTY; at = device.packets.receive()) {
      const size = device.packets.receivedSize[0];
      requests.push(device.packets.memory.slice(at, at + size));
      assertEquals(responder(at, size), size);
      const reply = change(device.packets.memory.slice(at, at + size));
      if (reply !== undefined) {
        device.packets.memory.set(reply, at);
        device.packets.reply(at, reply.length);
      }
      device.packets.release(at);
    }
  }, 1);
  try {
    await enough.promise;
  } finally {
    clearInterval(reader);
    peer.finish();
    device.close();
  }
  return { events, requests };
}

Deno.test("SimulatedPeer accepts the replies of the responder, IPv4 and IPv6", async () => {
  const { events } = await runPeer(["10.6.7.7/24", "fd00:6:7::7/64"], 4);
  assertEquals(events, [
    { type: "answered", target: "10.6.7.8" },
    { type: "answered", target: "fd00:6:7::8" },
    { type: "answered", target: "10.6.7.9" },
    { type: "answered", target: "fd00:6:7::9" },
  ]);
});

Deno.test("SimulatedPeer pings each subnet of each family in turn", async () => {
  const { events } = await runPeer(
    ["10.6.7.7/24", "10.6.8.7/24", "10.6.9.7/24", "fd00::7/64", "fd01::7/64"],
    6,
  );
  assertEquals(events.map((event) => event.type === "answered" && event.target), [
    "10.6.7.8",
    "fd00::8",
    "10.6.8.8",
    "fd01::8",
    "10.6.9.8",
    "fd00::9",
  ]);
});

Deno.test("SimulatedPeer pings from the adapter's address all others, without the network and broadcast addresses", async () => {
  const { requests } = await runPeer(["192.0.2.5/29"], 6);
  const packets = requests.map((request) => parseIp(request));
  assertEquals(
    packets.slice(0, 6).map(({ destination }) => formatIpAddress(destination)),
    ["192.0.2.6", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.6"],
  );
  assert(
    packets.every(({ source, hopLimit }) => formatIpAddress(source) === "192.0.2.5" && hopLimit === 128),
  );
});

Deno.test("SimulatedPeer pings the one other address of a point-to-point link", async () => {
  const { events } = await runPeer(["192.0.2.0/31", "fd00::1/127"], 2);
  assertEquals(events.map((event) => event.type === "answered" && event.target), ["192.0.2.1", "fd00::"]);
});

const SPOILS: readonly [name: string, cidr: string, at: number, reason: RegExp][] = [
  ["TTL", "10.6.7.7/24", 8, /^the reply from 10\.6\.7\.8 has 65, not 64, in byte 8 \(IPv4 TTL\)$/],
  ["header checksum", "10.6.7.7/24", 11, /IPv4 header checksum/],
  ["source address", "10.6.7.7/24", 15, /IPv4 source/],
  ["destination address", "10.6.7.7/24", 19, /IPv4 destination/],
  ["ICMP type", "10.6.7.7/24", 20, /has 1, not 0, in byte 20 \(ICMP type\)$/],
  ["ICMP checksum", "10.6.7.7/24", 23, /ICMP checksum/],
  ["ICMP identifier", "10.6.7.7/24", 25, /ICMP identifier/],
  ["last byte", "10.6.7.7/24", 58, /ICMP payload/],
  ["hop limit", "fd00::7/64", 7, /IPv6 hop limit/],
  ["IPv6 destination", "fd00::7/64", 39, /IPv6 destination/],
  ["ICMPv6 type", "fd00::7/64", 40, /ICMP type/],
];

for (const [name, cidr, at, reason] of SPOILS) {
  Deno.test(`SimulatedPeer reports a reply with a wrong ${name} (${cidr})`, async () => {
    const { events } = await runPeer([cidr], 1, (reply) => {
      reply[at] ^= 1;
      return reply;
    });
    const [event] = events;
    assert(event.type === "wrong" && reason.test(event.reason), JSON.stringify(event));
  });
}

Deno.test("SimulatedPeer reports a reply that is too short", async () => {
  const { events } = await runPeer(["10.6.7.7/24"], 1, (reply) => reply.slice(0, -1));
  assertEquals(events, [{ type: "wrong", reason: "the reply from 10.6.7.8 has 59 bytes, not 60" }]);
});

Deno.test("SimulatedPeer reports a packet that answers no ping", async () => {
  const { events } = await runPeer(["10.6.7.7/24"], 1, () => new Uint8Array(12));
  assertEquals(events, [{ type: "wrong", reason: "a packet of 12 bytes answers no ping" }]);
});
