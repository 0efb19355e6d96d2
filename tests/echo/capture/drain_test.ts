import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Capture } from "../../../src/echo/capture/capture.ts";
import { CaptureFeed } from "../../../src/echo/capture/capture_feed.ts";
import { type Amount, TapDrain } from "../../../src/echo/capture/drain.ts";
import { LogFeed, type PacketLog } from "../../../src/echo/capture/log_feed.ts";
import { Recorder } from "../../../src/echo/capture/recorder.ts";
import { createTapMemory, IN_IGNORED } from "../../../src/echo/capture/tap.ts";
import { TapReader } from "../../../src/echo/capture/tap_reader.ts";
import { blocksOf, captureInto, filesOf, MemoryFile } from "./memory.ts";
import { MemoryDevice } from "../memory_device.ts";

const PACKET = 6;

/** Two taps that the test's thread writes. */
class WrittenTaps {
  readonly first: TapReader;
  readonly second: TapReader;
  readonly #device = new MemoryDevice(new Array(50_000).fill(new Uint8Array(100)));
  readonly #recorder: Recorder;

  constructor(capacityBytes = 1 << 20) {
    const memories = [createTapMemory(capacityBytes), createTapMemory(capacityBytes)];
    [this.first, this.second] = memories.map((memory) => new TapReader(memory));
    const taps = memories.map((memory) => ({ memory, snapLength: 65_535 }));
    this.#recorder = new Recorder(this.#device.packets, taps);
  }

  /** Taps packets of 100 bytes that are ignored. */
  tap(count: number): void {
    for (let packet = 0; packet < count; packet++) {
      const offset = this.#device.packets.receive();
      this.#recorder.received(offset, 100);
      this.#recorder.answered(IN_IGNORED, offset, 100, true);
      this.#recorder.flush();
    }
  }
}

/** A log that counts its lines. Its reader may stall. */
class CountingLog implements PacketLog {
  isBehind = false;
  lines = 0;

  add(): void {
    this.lines++;
  }
}

const logFeed = (tap: TapReader, log: PacketLog): LogFeed => new LogFeed(tap, log, () => performance.now());
const captureDrain = (tap: TapReader, capture: Capture): TapDrain =>
  new TapDrain(new CaptureFeed(tap, capture));
const packetsIn = (file: MemoryFile): number =>
  blocksOf(file.content).filter(({ type }) => type === PACKET).length;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean, withinMs = 30_000): Promise<void> {
  const startedAt = performance.now();
  while (!condition()) {
    assert(performance.now() - startedAt < withinMs, `not within ${withinMs} ms`);
    await pause(1);
  }
}

Deno.test("a log and a capture get every packet, and at the end what is left", async () => {
  const taps = new WrittenTaps();
  const [log, file] = [new CountingLog(), new MemoryFile("file")];
  const drains = [
    new TapDrain(logFeed(taps.first, log)),
    captureDrain(taps.second, await captureInto(filesOf(file))),
  ];
  taps.tap(10);
  await until(() => packetsIn(file) === 10 && log.lines === 10);
  taps.tap(5);
  await Promise.all(drains.map((drain) => drain.stop()));
  assertEquals([log.lines, packetsIn(file)], [15, 15]);
});

Deno.test("a log whose reader stalls costs the capture no packet, and counts those that it lacks", async () => {
  const taps = new WrittenTaps(10_000);
  const [log, file] = [new CountingLog(), new MemoryFile("file")];
  log.isBehind = true;
  const feed = logFeed(taps.first, log);
  const drains = [new TapDrain(feed), captureDrain(taps.second, await captureInto(filesOf(file)))];
  for (let packets = 20; packets <= 200; packets += 20) {
    taps.tap(20);
    await until(() => packetsIn(file) === packets);
  }
  assertEquals([taps.second.missed, log.lines], [0, 0]);
  assert(feed.missed > 100, `${feed.missed}`);
  await Promise.all(drains.map((drain) => drain.stop()));
  assertEquals([feed.written, feed.missed], [0, 200]);
});

Deno.test("a log goes on when its reader does", async () => {
  const taps = new WrittenTaps(10_000);
  const log = new CountingLog();
  log.isBehind = true;
  const feed = logFeed(taps.first, log);
  const drain = new TapDrain(feed);
  taps.tap(200);
  log.isBehind = false;
  await until(() => feed.written + feed.missed === 200);
  taps.tap(10);
  await drain.stop();
  assertEquals([feed.written + feed.missed, log.lines], [210, feed.written]);
  assert(feed.written >= 10, `${feed.written}`);
});

Deno.test("a file that takes nothing costs the capture its packets, and the log no line", async () => {
  const taps = new WrittenTaps(10_000);
  const [log, file] = [new CountingLog(), new MemoryFile("file")];
  const capture = await captureInto(filesOf(file));
  file.isStuck = true;
  const drains = [new TapDrain(logFeed(taps.first, log)), captureDrain(taps.second, capture)];
  for (let packets = 20; packets <= 200; packets += 20) {
    taps.tap(20);
    await until(() => log.lines === packets);
  }
  assert(taps.second.missed > 100, `${taps.second.missed}`);
  assertEquals(taps.first.missed, 0);
  capture.limitStalls(1);
  await Promise.all(drains.map((drain) => drain.stop()));
  assertEquals([capture.totals.written, capture.totals.missed + taps.second.missed], [0, 200]);
});

Deno.test("TapDrain looks at an empty tap after 20 ms at the latest, and sooner behind packets", async () => {
  const amounts: Amount[] = [
    "nothing",
    "nothing",
    "nothing",
    "nothing",
    "nothing",
    "little",
    "much",
    "nothing",
  ];
  const pauses: number[] = [];
  const enough = Promise.withResolvers<void>();
  const take = (): Promise<Amount> => {
    if (amounts.length === 0) enough.resolve();
    return Promise.resolve(amounts.shift() ?? "nothing");
  };
  const drain = new TapDrain({ take }, (callback, ms) => {
    pauses.push(ms);
    const timer = setTimeout(callback);
    return () => clearTimeout(timer);
  });
  await enough.promise;
  await drain.stop();
  assertEquals(pauses.slice(0, 7), [3, 6, 12, 20, 20, 3, 3]);
});

Deno.test("a capture starts another file though no packet comes", async () => {
  const taps = new WrittenTaps();
  const [first, second] = [new MemoryFile("first"), new MemoryFile("second")];
  const capture = await captureInto(filesOf(first, second), { rotation: { ms: 1 } });
  taps.tap(1);
  const drain = captureDrain(taps.first, capture);
  await until(() => capture.totals.files === 2);
  await drain.stop();
  assertEquals([packetsIn(first), packetsIn(second)], [1, 0]);
});

Deno.test("a capture that has stopped leaves its tap full, and counts the rest at the end", async () => {
  const taps = new WrittenTaps(10_000);
  const file = new MemoryFile("file");
  const capture = await captureInto(filesOf(file));
  file.capacity = file.content.length;
  const drain = captureDrain(taps.first, capture);
  taps.tap(3);
  await until(() => !capture.isGoing);
  taps.tap(1000);
  const missed = taps.first.missed;
  assert(missed > 900, `${missed}`);
  await pause(100);
  taps.tap(10);
  assertEquals(taps.first.missed, missed + 10);
  await drain.stop();
  assertEquals([capture.totals.written, capture.totals.missed + taps.first.missed], [0, 1013]);
});

Deno.test("a log that fails ends its drain, which reports the error", async () => {
  const taps = new WrittenTaps();
  const add = (): void => {
    throw new Error("no more room on the page");
  };
  const drain = new TapDrain(logFeed(taps.first, { isBehind: false, add }));
  taps.tap(1);
  await assertRejects(() => drain.done, Error, "no more room on the page");
  await assertRejects(() => drain.stop(), Error, "no more room on the page");
});

Deno.test("a log gives way after 2 ms, with packets left in its tap", async () => {
  const taps = new WrittenTaps();
  const log = new CountingLog();
  let nowMs = 0;
  const feed = new LogFeed(taps.first, log, () => nowMs++);
  taps.tap(500);
  assertEquals(await feed.take(false), "much");
  assert(log.lines > 50 && log.lines < 200, `${log.lines}`);
  while (await feed.take(false) === "much");
  assertEquals([feed.written, feed.missed], [500, 0]);
});

Deno.test("a log that cannot keep up leaves out what comes while it rests", async () => {
  const taps = new WrittenTaps(10_000);
  const feed = logFeed(taps.first, new CountingLog());
  taps.tap(200);
  const { missed } = feed;
  const taking = feed.take(false);
  assertEquals(feed.written, 200 - missed);
  taps.tap(20);
  await taking;
  taps.tap(5);
  await feed.take(false);
  assertEquals([feed.written, feed.missed], [205 - missed, missed + 20]);
});

Deno.test("a log that has kept up for long rests shortly again when it cannot", async () => {
  const taps = new WrittenTaps(10_000);
  const rests: number[] = [];
  const pause = (ms: number): Promise<void> => {
    if (ms > 0) rests.push(ms);
    return Promise.resolve();
  };
  const feed = new LogFeed(taps.first, new CountingLog(), () => 0, pause);
  const overflow = async (): Promise<void> => {
    taps.tap(200);
    await feed.take(false);
  };
  for (let time = 0; time < 3; time++) await overflow();
  for (let time = 0; time < 800; time++) {
    taps.tap(50);
    await feed.take(false);
  }
  await overflow();
  assertEquals(rests, [10, 20, 40, 10]);
});
