import { assert, assertEquals } from "@std/assert";
import { createTapMemory, type TappedPacket } from "../../../src/echo/capture/tap.ts";
import { TapReader } from "../../../src/echo/capture/tap_reader.ts";
import { createCounters, readCounters } from "../../../src/echo/counters.ts";
import type { EchoEnd, LoopOptions } from "../../../src/echo/loop.ts";
import { runNetwork } from "../../../src/echo/network/network_loop.ts";
import type { PingReply } from "../../../src/echo/network/ping_reply.ts";
import {
  createNetworkStatistics,
  type NetworkStatistics,
  readNetworkStatistics,
} from "../../../src/echo/network/statistics.ts";
import { CORRUPT, EMPTY, ENDED, READABLE, STOPPED, TIMED_OUT } from "../../../src/wintun/device.ts";
import { buildIcmpEchoRequest } from "../../../src/wire/icmp.ts";
import { formatIpAddress, parseIpAddress } from "../../../src/wire/ip_address.ts";
import { fragmentsOf } from "../../wire/fragments.ts";
import { buildUdp } from "../../wire/udp_datagram.ts";
import { MemoryDevice } from "../memory_device.ts";
import { changed, replyTo } from "../responder/harness.ts";
import { planOf, type PlanText } from "./harness.ts";

const ECHO = { icmp: true, udp: true };
const ends = (
  host: string,
): { source: ReturnType<typeof parseIpAddress>; destination: ReturnType<typeof parseIpAddress> } => ({
  source: parseIpAddress("10.6.7.7"),
  destination: parseIpAddress(host),
});
const ping = (host = "10.6.7.9", bytes = 0): Uint8Array =>
  buildIcmpEchoRequest({ ...ends(host), identifier: 1, sequence: 1, payload: new Uint8Array(bytes) });
const datagram = buildUdp({
  ...ends("10.6.7.9"),
  sourcePort: 4000,
  destinationPort: 9,
  payload: new Uint8Array(5),
});

interface Outcome {
  readonly end: EchoEnd;
  readonly counters: ReturnType<typeof readCounters>;
  readonly statistics: NetworkStatistics;
  readonly tapped: TappedPacket[];
  /** The comments of the tapped packets, `""` without one. */
  readonly comments: string[];
  readonly pings: PingReply[];
}

function run(device: MemoryDevice, plan: PlanText, options: LoopOptions = ECHO, elapsedMs = 0): Outcome {
  const counters = createCounters();
  const memory = createTapMemory(1 << 20);
  const statistics = createNetworkStatistics();
  const pings: PingReply[] = [];
  const network = { plan: planOf(plan), elapsedMs, statistics };
  const taps = [{ memory, snapLength: 65_535 }];
  const end = runNetwork(device, options, counters, taps, network, (reply) => pings.push(reply));
  const tapped: TappedPacket[] = [];
  const reader = new TapReader(memory);
  const blocks = reader.take(Infinity, (packet) => tapped.push({ ...packet, bytes: packet.bytes.slice() }));
  return {
    end,
    counters: readCounters(counters),
    statistics: readNetworkStatistics(statistics),
    tapped,
    comments: blocks === undefined ? [] : commentsOf(blocks),
    pings,
  };
}

/** Reads the first comment of each enhanced packet block. */
function commentsOf(blocks: Uint8Array): string[] {
  const view = new DataView(blocks.buffer, blocks.byteOffset, blocks.length);
  const comments: string[] = [];
  for (let at = 0; at < blocks.length; at += view.getUint32(at + 4, true)) {
    let option = at + 28 + Math.ceil(view.getUint32(at + 20, true) / 4) * 4;
    const found: string[] = [];
    while (view.getUint16(option, true) !== 0) {
      const length = view.getUint16(option + 2, true);
      if (view.getUint16(option, true) === 1) {
        found.push(new TextDecoder().decode(blocks.slice(option + 4, option + 4 + length)));
      }
      option += 4 + Math.ceil(length / 4) * 4;
    }
    assertEquals(
      view.getUint32(option + 4, true),
      view.getUint32(at + 4, true),
      "the lengths at both ends differ",
    );
    comments.push(found.join(" | "));
  }
  return comments;
}

/** A device whose waits take no time, and which stops after so many replies, or after half a minute. */
function patientDevice(packets: readonly Uint8Array[], replies: number): MemoryDevice {
  const device = new MemoryDevice(packets);
  const endAt = performance.now() + 30_000;
  device.wait = () => device.replies.length < replies && performance.now() < endAt ? TIMED_OUT : STOPPED;
  return device;
}

Deno.test("runNetwork() answers, ignores and counts, releases every packet, and ends when told to stop", () => {
  const malformed = Uint8Array.of(0x45, 0);
  const device = new MemoryDevice([ping(), datagram, malformed, ping("10.6.7.10"), ping(), ping()]);
  device.sendCapacity = 3;
  const { end, counters, statistics, tapped, comments } = run(device, { hosts: ["10.6.7.9"], udpPorts: [] });
  assertEquals(end, "stopped");
  assertEquals(counters, {
    received: 6,
    receivedBytes: 4 * 28 + datagram.length + 2,
    replied: 3,
    repliedBytes: 3 * 28,
    ignored: 2,
    malformed: 1,
    dropped: 0,
  });
  assertEquals(device.released, 6);
  assertEquals(tapped.map(({ direction, verdict }) => `${direction} ${verdict}`), [
    ...["in reply", "out reply", "in ignored", "in malformed", "in ignored"],
    ...["in reply", "out reply", "in reply", "out reply"],
  ]);
  assertEquals(comments.map((comment) => comment !== ""), [
    false,
    false,
    false,
    false,
    true,
    false,
    false,
    false,
    false,
  ]);
  assertEquals(comments[4], "The network has no host with this address, so nothing answers.");
  const hosts = statistics.hosts.map(({ address, ...rest }) => ({
    address: formatIpAddress(address),
    ...rest,
  }));
  assertEquals(hosts.find(({ address }) => address === "10.6.7.9"), {
    address: "10.6.7.9",
    packets: 4,
    bytes: 3 * 28 + datagram.length,
    answered: 3,
    lost: 0,
    dropped: 0,
  });
  assertEquals([hosts.length, statistics.totals.noHost], [2, 1]);
});

Deno.test("runNetwork() counts an answer that finds the send ring full as dropped, for its host too", () => {
  const device = new MemoryDevice([ping(), ping()]);
  device.sendCapacity = 1;
  const { counters, statistics, tapped } = run(device, {});
  assertEquals([
    counters.replied,
    counters.dropped,
    statistics.hosts[0].answered,
    statistics.hosts[0].dropped,
  ], [1, 1, 1, 1]);
  assertEquals(tapped.map(({ verdict }) => verdict), ["reply", "reply", "dropped"]);
});

Deno.test("runNetwork() loses on purpose, and says so in the capture and of the host", () => {
  const { counters, statistics, tapped, comments } = run(new MemoryDevice([ping()]), { link: { loss: 1 } });
  assertEquals([counters.replied, counters.dropped, statistics.totals.lost, statistics.hosts[0].lost], [
    0,
    0,
    1,
    1,
  ]);
  assertEquals([tapped.map(({ verdict }) => verdict), comments], [
    ["lost"],
    ["The network lost the reply to this packet on purpose (loss)."],
  ]);
});

Deno.test("runNetwork() delays, duplicates and reorders, and says so in the capture", () => {
  const device = patientDevice([ping()], 2);
  const { counters, statistics, tapped, comments } = run(device, { link: { delayUs: 10_000, duplicate: 1 } });
  assertEquals(tapped.map(({ direction, verdict }) => `${direction} ${verdict}`), [
    "in reply",
    "out reply",
    "out reply",
  ]);
  assertEquals([counters.replied, statistics.totals.delayed, statistics.totals.duplicated], [1, 2, 1]);
  const delayed = /^The network delayed this packet on purpose\. Milliseconds: +(\d+\.\d{3})$/;
  const [, twice, once] = comments;
  assert(
    twice.startsWith("The network sent this packet twice on purpose (duplicate). | The network delayed"),
    twice,
  );
  const ms = Number(delayed.exec(once)?.[1]);
  assert(ms >= 10, once);
  // The times in the capture show the same.
  const tappedMs = Number(tapped[2].timeNs - tapped[0].timeNs) / 1e6;
  assert(tappedMs >= 0, `${tappedMs}`);

  const ahead = run(new MemoryDevice([ping()]), { link: { delayUs: 10_000, reorder: 1 } });
  assertEquals(ahead.comments[1], "The network sent this packet without delay on purpose (reorder).");
  assertEquals([ahead.counters.replied, ahead.statistics.totals.reordered], [1, 1]);
});

Deno.test("runNetwork() counts what still waits at the end as dropped", () => {
  const { end, counters, statistics } = run(new MemoryDevice([ping(), ping()]), {
    link: { delayUs: 10_000 },
  });
  assertEquals([end, counters.received, counters.replied, counters.dropped], ["stopped", 2, 0, 2]);
  assertEquals([statistics.totals.waiting, statistics.totals.delayed], [0, 2]);
});

Deno.test("runNetwork() answers in fragments what is larger than the path MTU", () => {
  const device = new MemoryDevice([ping("10.6.7.9", 2000)]);
  const { counters, tapped } = run(device, { pathMtu: 1020, hops: 1 });
  assertEquals(device.replies.map(({ length }) => length), [1020, 1020, 28]);
  assertEquals(device.replies, fragmentsOf(withTtl(replyTo(ping("10.6.7.9", 2000)), 63), 1000, 0));
  assertEquals([counters.received, counters.replied, tapped.length], [1, 3, 4]);
});

Deno.test("runNetwork() counts what a router says of an address as no answer of that address", () => {
  const request = changed(ping("10.6.7.9", 2000), { 6: 0x40 });
  const { counters, statistics } = run(new MemoryDevice([request]), { pathMtu: 576 });
  assertEquals([counters.replied, statistics.totals.tooBig, statistics.hosts[0].answered], [1, 1, 0]);
});

Deno.test("runNetwork() answers fragments in any order, with the TTL that the routers leave", () => {
  const fragments = fragmentsOf(ping("10.6.7.9", 100), 48, 7);
  const device = new MemoryDevice(fragments.toReversed());
  const { counters } = run(device, { hops: 2 });
  assertEquals(device.replies.map((reply) => [reply[8], reply[7]]), [[62, 0], [62, 6], [62, 12]]);
  assertEquals([counters.replied, counters.ignored], [3, 0]);
  const lonely = run(new MemoryDevice([fragments[2]]), { hops: 2 });
  assertEquals([lonely.counters.replied, lonely.counters.ignored], [0, 1]);
});

Deno.test("runNetwork() sends a held fragment of IPv6 whole if the path MTU has become smaller", () => {
  const target = { source: parseIpAddress("fd06:7::7"), destination: parseIpAddress("fd06:7::9") };
  const request = buildIcmpEchoRequest({
    ...target,
    identifier: 1,
    sequence: 1,
    payload: new Uint8Array(3000),
  });
  const [first, later] = [fragmentsOf(request, 1000, 7)[0], fragmentsOf(request, 1400, 7)[1]];
  const device = new MemoryDevice([later, first]);
  device.pauses = [1];
  device.wait = () => {
    if (device.pauses.length === 0) return STOPPED;
    const end = performance.now() + 400;
    while (performance.now() < end);
    device.pauses = [];
    return READABLE;
  };
  const { counters } = run(device, { changes: [{ atMs: 400, pathMtu: 1280 }] });
  assertEquals(device.replies.map((reply) => [reply.length, reply[0]]), [[1048, 0x60], [1448, 0x60]]);
  assertEquals(counters.replied, 2);
});

/** The packet with another TTL. */
function withTtl(packet: Uint8Array, ttl: number): Uint8Array {
  const copy = packet.slice();
  copy[8] = ttl;
  // Only `fragmentsOf()` sees it, which makes the checksum anew.
  return copy;
}

Deno.test("runNetwork() makes changes at their times, counted from the first session", () => {
  const plan: PlanText = { changes: [{ atMs: 30_000, isUp: false }] };
  assertEquals(run(new MemoryDevice([ping()]), plan, ECHO, 29_000).counters.replied, 1);
  assertEquals(run(new MemoryDevice([ping()]), plan, ECHO, 30_000).counters.replied, 0);
});

Deno.test("runNetwork() ends at the reply limit, and leaves what comes after it unread", () => {
  const { end, counters } = run(new MemoryDevice([datagram, ping(), ping(), ping()]), { udpPorts: [] }, {
    ...ECHO,
    replyLimit: 2,
  });
  assertEquals([end, counters.received, counters.replied], ["limit", 3, 2]);
});

Deno.test("runNetwork() sends no more than the reply limit of what is due at once, of fragments, and of those that waited", () => {
  const limited = (packets: Uint8Array[], plan: PlanText): readonly [EchoEnd, number, number] => {
    const device = patientDevice(packets, Infinity);
    const { end, counters } = run(device, plan, { ...ECHO, replyLimit: 2 });
    return [end, counters.replied, device.replies.length];
  };
  assertEquals(limited([ping(), ping(), ping(), ping()], { link: { delayUs: 5000 } }), ["limit", 2, 2]);
  assertEquals(limited([ping("10.6.7.9", 2000)], { pathMtu: 576 }), ["limit", 2, 2]);
  assertEquals(limited(fragmentsOf(ping("10.6.7.9", 100), 48, 7).toReversed(), {}), ["limit", 2, 2]);
});

Deno.test("runNetwork() tells an adapter's removal from a corrupt ring, also before the first packet", () => {
  for (const packets of [[ping()], []]) {
    assertEquals(run(new MemoryDevice(packets, ENDED), {}).end, "ended");
    assertEquals(run(new MemoryDevice(packets, CORRUPT), {}).end, "corrupt");
    assertEquals(run(new MemoryDevice(packets, EMPTY), {}).end, "stopped");
  }
});

Deno.test("runNetwork() pings before any packet has come, and takes the reply as an answer", () => {
  const device = new MemoryDevice([ping()]);
  // The reply to the ping takes the place of the only packet.
  const queue: Uint8Array[] = [];
  const plan: PlanText = {
    hops: 1,
    ping: { target: parseIpAddress("10.6.7.7"), source: parseIpAddress("10.6.7.8"), intervalMs: 60_000 },
  };
  let waits = 0;
  device.pauses = [0];
  device.wait = () => {
    if (waits++ > 0) return STOPPED;
    queue.push(device.replies[0]);
    device.pauses = [];
    return READABLE;
  };
  const receiveFirst = device.receiveFirst.bind(device);
  device.receiveFirst = () => {
    const offset = receiveFirst();
    if (offset < 0) return offset;
    const reply = replyTo(queue[0]);
    device.packets.memory.set(reply, offset);
    device.packets.receivedSize[0] = reply.length;
    return offset;
  };
  const { counters, statistics, tapped, pings } = run(device, plan);
  assertEquals(device.replies.map((packet) => [packet[8], packet[20], packet.length]), [[63, 8, 84]]);
  assertEquals(pings.map(({ sequence, bytes, isDuplicate }) => [sequence, bytes, isDuplicate]), [[
    1,
    84,
    false,
  ]]);
  assertEquals([counters.received, counters.replied, counters.ignored], [1, 0, 0]);
  assertEquals([statistics.totals.pingsSent, statistics.totals.pingsAnswered, statistics.hosts.length], [
    1,
    1,
    0,
  ]);
  assertEquals(tapped.map(({ direction, verdict }) => `${direction} ${verdict}`), [
    "out request",
    "in answer",
  ]);
});
