import { assert, assertEquals } from "@std/assert";
import { createCounters, readCounters } from "../../src/echo/counters.ts";
import { type EchoEnd, type LoopOptions, runEcho } from "../../src/echo/loop.ts";
import { createTapMemory, type TappedPacket } from "../../src/echo/capture/tap.ts";
import { TapReader } from "../../src/echo/capture/tap_reader.ts";
import { CORRUPT, type Device, EMPTY, ENDED, READABLE, SENT, STOPPED } from "../../src/wintun/device.ts";
import { buildIcmpEchoRequest } from "../../src/wire/icmp.ts";
import { parseIpAddress } from "../../src/wire/ip_address.ts";
import { writeUint16 } from "../../src/wire/packet.ts";
import { fragmentsOf } from "../wire/fragments.ts";
import { buildUdp } from "../wire/udp_datagram.ts";
import { MemoryDevice } from "./memory_device.ts";
import { fixHeaderChecksum } from "./responder/harness.ts";

const ENDS = { source: parseIpAddress("10.6.7.7"), destination: parseIpAddress("10.6.7.9") };
const ECHO = { icmp: true, udp: true };

const ping = (sequence: number, payload = new Uint8Array(0)): Uint8Array =>
  buildIcmpEchoRequest({ ...ENDS, identifier: 1, sequence, payload });
const datagram = buildUdp({ ...ENDS, sourcePort: 4000, destinationPort: 7000, payload: new Uint8Array(5) });

interface Outcome {
  readonly end: EchoEnd;
  readonly counters: ReturnType<typeof readCounters>;
  readonly tapped: TappedPacket[];
  /** The number of packets that found the tap full. */
  readonly missed: number;
}

function run(
  device: MemoryDevice,
  options: LoopOptions = ECHO,
  tapBytes?: number,
  snapLength = 65_535,
): Outcome {
  const counters = createCounters();
  const memory = createTapMemory(tapBytes ?? 1024);
  const taps = tapBytes === undefined ? [] : [{ memory, snapLength }];
  const end = runEcho(device, options, counters, taps);
  const tapped: TappedPacket[] = [];
  const reader = new TapReader(memory);
  reader.take(Infinity, (packet) => tapped.push({ ...packet, bytes: packet.bytes.slice() }));
  return { end, counters: readCounters(counters), tapped, missed: reader.missed };
}

Deno.test("runEcho() answers, ignores and counts, releases every packet, and ends when told to stop", () => {
  const malformed = Uint8Array.of(0x45, 0);
  const packets = [ping(1), datagram, malformed, ping(2), datagram, malformed, ping(3), datagram];
  const device = new MemoryDevice([...packets, ping(4), ping(5)]);
  device.sendCapacity = 4;
  const { end, counters } = run(device, { icmp: true, udp: false });
  assertEquals(end, "stopped");
  assertEquals(counters, {
    received: 10,
    receivedBytes: 5 * 28 + 3 * datagram.length + 2 * 2,
    replied: 4,
    repliedBytes: 4 * 28,
    ignored: 3,
    malformed: 2,
    dropped: 1,
  });
  assertEquals(device.released, 10);
  assertEquals(device.replies.map((reply) => reply[20]), [0, 0, 0, 0]);
});

Deno.test("runEcho() taps every request with its time, and the first reply after a wait, but not the next ones", () => {
  const device = new MemoryDevice([ping(1), Uint8Array.of(0x45, 0), ping(2)]);
  device.timeStep = 1n;
  const { tapped } = run(device, ECHO, 1024);
  const start = tapped[0].timeNs;
  assertEquals(tapped.map(({ direction, timeNs }) => [direction, timeNs - start]), [
    ["in", 0n],
    ["out", 100n],
    ["in", 200n],
    ["in", 300n],
    ["out", 300n],
  ]);
});

Deno.test("runEcho() gives a reply its own time when its request found the tap full", () => {
  const device = new MemoryDevice([ping(1), datagram, ping(2)]);
  device.timeStep = 1n;
  // Room for the first three records.
  const memory = createTapMemory(240);
  const reader = new TapReader(memory);
  const times: bigint[] = [];
  const empty = (): void => {
    reader.take(Infinity, ({ timeNs }) => times.push(timeNs));
    reader.release();
  };
  const { reply } = device.packets;
  Object.assign(device.packets, {
    reply: (offset: number, size: number): number => {
      if (device.replies.length === 1) empty();
      return reply(offset, size);
    },
  });
  runEcho(device, { icmp: true, udp: false }, createCounters(), [{ memory, snapLength: 65_535 }]);
  empty();
  assertEquals(times.map((time) => time - times[0]), [0n, 100n, 200n, 300n]);
});

/** Three fragments of a ping, in order: 16 bytes of the message, 16, and 8. */
const fragmentedPing = (sequence: number, identification: number): Uint8Array[] =>
  fragmentsOf(ping(sequence, new Uint8Array(32)), 16, identification);

Deno.test("runEcho() sends the fragments that came before their first one after it, and counts and taps them", () => {
  const [first, middle, last] = fragmentedPing(1, 7);
  const [, , lost] = fragmentedPing(2, 8);
  const { counters, tapped } = run(new MemoryDevice([last, lost, middle, first, ping(3)]), ECHO, 4096);
  assertEquals(counters, {
    received: 5,
    receivedBytes: 28 + 28 + 36 + 36 + 28,
    replied: 4,
    repliedBytes: 36 + 36 + 28 + 28,
    ignored: 1,
    malformed: 0,
    dropped: 0,
  });
  assertEquals(tapped.map(({ direction, verdict, length }) => `${direction} ${verdict} ${length}`), [
    ...["in held 28", "in held 28", "in held 36", "in reply 36"],
    ...["out reply 36", "out reply 36", "out reply 28", "in reply 28", "out reply 28"],
  ]);
  const offsets = tapped.filter(({ direction }) => direction === "out").map(({ bytes }) => bytes[7]);
  assertEquals(offsets, [0, 2, 4, 0]);
});

Deno.test("runEcho() has counted the fragments that are given up when it waits", () => {
  const [first, , last] = fragmentedPing(1, 0);
  const withIdentification = (fragment: Uint8Array, identification: number): Uint8Array => {
    const copy = fragment.slice();
    writeUint16(copy, 4, identification);
    fixHeaderChecksum(copy);
    return copy;
  };
  const held = Array.from({ length: 1000 }, (_, index) => withIdentification(last, index));
  const others = Array.from({ length: 10_000 }, (_, index) => withIdentification(first, 1000 + index));
  const device = new MemoryDevice([...held, ...others]);
  // None of the last batches has a packet that is not simply answered.
  device.pauses = [1000];
  const counters = createCounters();
  const ignored: number[] = [];
  const wait = device.wait.bind(device);
  device.wait = (timeoutMs) => {
    ignored.push(readCounters(counters).ignored);
    return wait(timeoutMs);
  };
  runEcho(device, ECHO, counters, []);
  assertEquals(ignored.at(-1), 1000);
});

Deno.test("runEcho() sends fragments that waited only up to its reply limit", () => {
  const [first, middle, last] = fragmentedPing(1, 7);
  for (const replyLimit of [1, 2, 3]) {
    const device = new MemoryDevice([last, middle, first, ping(3), ping(4)]);
    const { end, counters } = run(device, { ...ECHO, replyLimit });
    assertEquals([end, counters.replied, device.replies.length], ["limit", replyLimit, replyLimit]);
    assertEquals([counters.received, counters.ignored], [3, 3 - replyLimit]);
  }
});

Deno.test("runEcho() counts fragments that find the send ring full as dropped", () => {
  const [first, middle, last] = fragmentedPing(1, 7);
  for (const sendCapacity of [0, 1, 2]) {
    const device = new MemoryDevice([last, middle, first]);
    device.sendCapacity = sendCapacity;
    const { counters } = run(device);
    assertEquals([counters.replied, counters.dropped], [sendCapacity, 3 - sendCapacity]);
  }
});

Deno.test("runEcho() replies with the IP datagram alone, and counts the bytes of that", () => {
  const padded = Uint8Array.of(...ping(1), 1, 2, 3, 4, 5);
  const device = new MemoryDevice([padded]);
  const { counters, tapped } = run(device, ECHO, 4096);
  assertEquals([counters.receivedBytes, counters.repliedBytes, device.replies[0].length], [33, 28, 28]);
  assertEquals(tapped.map(({ length }) => length), [33, 28]);
});

Deno.test("runEcho() verifies checksums, but not in a rush, and again after a pause", () => {
  const wrong = ping(1);
  wrong[27] ^= 1;
  const device = new MemoryDevice([wrong, ...Array.from({ length: 31 }, () => wrong)]);
  assertEquals(run(device).counters.malformed, 32);

  const packets = [
    ...Array.from({ length: 1024 }, () => ping(1)),
    ...Array.from({ length: 32 }, () => wrong),
  ];
  assertEquals(run(new MemoryDevice(packets)).counters.replied, 1024 + 32);

  const withPause = new MemoryDevice([...packets, wrong]);
  withPause.pauses = [1024, 1024 + 31];
  assertEquals(run(withPause).counters.malformed, 2);
});

Deno.test("runEcho() tells an adapter's removal from a corrupt ring", () => {
  assertEquals(run(new MemoryDevice([ping(1)], ENDED)).end, "ended");
  assertEquals(run(new MemoryDevice([ping(1)], CORRUPT)).end, "corrupt");
});

Deno.test("runEcho() counts a reply that finds the send ring full as dropped, and goes on", () => {
  const device = new MemoryDevice([ping(1), ping(2), ping(3)]);
  device.sendCapacity = 1;
  const { counters } = run(device);
  assertEquals([counters.received, counters.replied, counters.dropped], [3, 1, 2]);
  assertEquals(device.released, 3);
});

Deno.test("runEcho() ends at the reply limit, and leaves what comes after it unread", () => {
  const device = new MemoryDevice([datagram, ping(1), ping(2), ping(3)]);
  const { end, counters } = run(device, { icmp: true, udp: false, replyLimit: 2 });
  assertEquals(end, "limit");
  assertEquals([counters.received, counters.replied], [3, 2]);
});

Deno.test("runEcho() counts the replies of its limit from what the counters have", () => {
  const counters = createCounters();
  const runOn = (device: Device): EchoEnd => runEcho(device, { ...ECHO, replyLimit: 2 }, counters, []);
  for (let times = 0; times < 2; times++) runOn(new MemoryDevice([ping(1), ping(2), ping(3)]));
  assertEquals(readCounters(counters).replied, 4);
});

Deno.test("runEcho() does not wait for the driver after a limit when it is told to stop", () => {
  const device = new MemoryDevice([ping(1)]);
  device.stopped = true;
  assertEquals(run(device, { ...ECHO, replyLimit: 1 }).end, "limit");
  assertEquals(device.waits, 1);
});

Deno.test("runEcho() gives the driver time to take the last reply of a limit, though more packets come", () => {
  const device = new MemoryDevice([ping(1), ping(2)]);
  device.readable = true;
  const before = performance.now();
  assertEquals(run(device, { ...ECHO, replyLimit: 1 }).end, "limit");
  const lingeredMs = performance.now() - before;
  // Only a loop that never ends takes as long as ten seconds.
  assert(lingeredMs >= 45 && lingeredMs < 10_000, `it took ${lingeredMs} ms`);
  assertEquals([device.replies.length, device.released], [1, 1]);
});

Deno.test("runEcho() ends on the stop event though packets keep coming", () => {
  const device = new MemoryDevice(Array.from({ length: 5000 }, (_, index) => ping(index)));
  device.stopped = true;
  const { end, counters } = run(device);
  assertEquals(end, "stopped");
  assertEquals(counters.received, 1024);
});

Deno.test("runEcho() ends on the stop event though it spins, because packets keep coming one by one", () => {
  const large = buildUdp({
    ...ENDS,
    sourcePort: 4000,
    destinationPort: 7000,
    payload: new Uint8Array(60_000),
  });
  const memory = new MemoryDevice([large]);
  const offset = memory.receiveFirst();
  let [receives, receivesAtWait, longestSpin, receivesAtStop] = [0, 0, 0, Infinity];
  // The load meter measures over half a second. The load is then well above its limit, and waits become rare.
  const giveUpAt = performance.now() + 30_000;
  const device: Device = {
    early: memory.early,
    waitPrecisely: () => READABLE,
    packets: {
      ...memory.packets,
      receive: () => receives++ % 2 === 0 ? EMPTY : offset,
      reply: () => SENT,
      senderOf: () => () => SENT,
    },
    receiveFirst: () => offset,
    wait(): number {
      longestSpin = Math.max(longestSpin, receives - receivesAtWait);
      receivesAtWait = receives;
      if (receivesAtStop < Infinity) return STOPPED;
      if (longestSpin > 1024 || performance.now() > giveUpAt) receivesAtStop = receives;
      return READABLE;
    },
    close: () => {},
    [Symbol.dispose]: () => {},
  };
  assertEquals(runEcho(device, { ...ECHO, spinTries: 1_000_000 }, createCounters(), []), "stopped");
  assert(longestSpin > 1024, `it hardly spun: ${longestSpin} looks at the ring between two waits`);
  assert(
    receives - receivesAtStop <= 2 * 1024 + 2,
    `${receives - receivesAtStop} looks at the ring after the stop`,
  );
});

Deno.test("runEcho() waits at once on an empty ring when there is no load", () => {
  const device = new MemoryDevice([], EMPTY);
  assertEquals(run(device).end, "stopped");
  assertEquals(device.waits, 1);
});

Deno.test("the tap shows a packet as it came, then its reply as it was sent, with time and verdict", () => {
  const { tapped } = run(new MemoryDevice([ping(1), datagram]), { icmp: true, udp: false }, 4096);
  assertEquals(tapped.map(({ direction, verdict, length }) => [direction, verdict, length]), [
    ["in", "reply", 28],
    ["out", "reply", 28],
    ["in", "ignored", datagram.length],
  ]);
  assertEquals(tapped[0].bytes, ping(1));
  assertEquals([tapped[1].bytes[15], tapped[1].bytes[19], tapped[1].bytes[20]], [9, 7, 0]);
  assertEquals(tapped[0].timeNs, 1_767_323_045_678_901_200n);
});

Deno.test("the tap keeps the snap length of a packet and tells its whole length", () => {
  const { tapped } = run(new MemoryDevice([datagram]), ECHO, 4096, 20);
  assertEquals([tapped[0].bytes.length, tapped[0].length], [20, datagram.length]);
});

Deno.test("a full tap is counted and never stops the echo", () => {
  const pings = Array.from({ length: 100 }, () => ping(1));
  const { counters, tapped, missed } = run(new MemoryDevice(pings), ECHO, 512);
  assertEquals(counters.replied, 100);
  assertEquals(missed, 200 - tapped.length);
});
