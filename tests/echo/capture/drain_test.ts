import { assert, assertEquals, assertRejects } from "@std/assert";
import { Capture } from "../../../src/echo/capture/capture.ts";
import {
  createTapMemory,
  IN_REPLY,
  type TappedPacket,
  TapReader,
  TapWriter,
} from "../../../src/echo/capture/tap.ts";
import { TapDrain } from "../../../src/echo/capture/drain.ts";
import { blocksOf, MemoryFile } from "./memory.ts";
import { MemoryDevice } from "../memory_device.ts";

const PACKET = 6;

/** A tap with the thread that writes it being the test. */
class WrittenTap {
  readonly reader: TapReader;
  readonly #device = new MemoryDevice(Array.from({ length: 20_000 }, () => new Uint8Array(100)));
  readonly #writer: TapWriter;

  constructor(capacityBytes = 1 << 20) {
    const memory = createTapMemory(capacityBytes);
    this.reader = new TapReader(memory);
    this.#writer = new TapWriter(this.#device.packets, memory, 65_535);
  }

  /** Taps packets, and gives how many found room. */
  tap(count: number): number {
    let tapped = 0;
    for (let packet = 0; packet < count; packet++) {
      const record = this.#writer.begin(this.#device.packets.receive(), 100);
      if (record < 0) continue;
      this.#writer.commit(record, IN_REPLY);
      this.#writer.flush();
      tapped++;
    }
    return tapped;
  }
}

async function captureInto(...files: MemoryFile[]): Promise<Capture> {
  const capture = await Capture.open({
    openNext: () => Promise.resolve(files.shift()!),
    ...(files.length > 1 ? { rotation: { ms: 1 } } : {}),
    os: "",
    application: "",
    missed: () => 0,
    onStopped: () => {},
  });
  await capture.begin({ name: "lab", description: "", snapLength: 0 });
  return capture;
}

const packetsIn = (file: MemoryFile): number =>
  blocksOf(file.content).filter(({ type }) => type === PACKET).length;

async function until(condition: () => boolean, withinMs: number): Promise<void> {
  const startedAt = performance.now();
  while (!condition()) {
    assert(performance.now() - startedAt < withinMs, `not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

Deno.test("TapDrain gives every packet to the log and to the capture, and at the end what is left", async () => {
  const tap = new WrittenTap();
  const file = new MemoryFile("file");
  const logged: number[] = [];
  const drain = new TapDrain(
    tap.reader,
    (packet: TappedPacket) => logged.push(packet.length),
    await captureInto(file),
  );
  tap.tap(10);
  await until(() => packetsIn(file) === 10, 1000);
  assertEquals(logged.length, 10);
  tap.tap(5);
  await drain.stop();
  assertEquals([logged.length, packetsIn(file)], [15, 15]);
});

Deno.test("TapDrain brings a packet that comes after a long pause to a capture within 100 ms", async () => {
  const tap = new WrittenTap();
  const file = new MemoryFile("file");
  const drain = new TapDrain(tap.reader, undefined, await captureInto(file));
  await new Promise((resolve) => setTimeout(resolve, 300));
  tap.tap(1);
  await until(() => packetsIn(file) === 1, 100);
  await drain.stop();
});

Deno.test("TapDrain lets a capture go on in another file though no packet comes", async () => {
  const tap = new WrittenTap();
  const [first, second] = [new MemoryFile("first"), new MemoryFile("second")];
  const capture = await captureInto(first, second);
  tap.tap(1);
  const drain = new TapDrain(tap.reader, undefined, capture);
  await until(() => capture.totals.files === 2, 10_000);
  await drain.stop();
  assertEquals([packetsIn(first), packetsIn(second)], [1, 0]);
});

Deno.test("TapDrain leaves the tap full when the capture has stopped, and counts the rest at the end", async () => {
  const tap = new WrittenTap(10_000);
  const file = new MemoryFile("file");
  const capture = await captureInto(file);
  file.capacity = file.content.length;
  const drain = new TapDrain(tap.reader, undefined, capture);
  const tapped = tap.tap(3);
  await until(() => !capture.isGoing, 1000);
  const more = tap.tap(1000);
  assert(more < 100, `${more}`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assertEquals(tap.tap(10), 0);
  await drain.stop();
  assertEquals([capture.totals.written, capture.totals.missed], [0, tapped + more]);
});

Deno.test("TapDrain goes on with the log when the capture has stopped", async () => {
  const tap = new WrittenTap(10_000);
  const file = new MemoryFile("file");
  const capture = await captureInto(file);
  file.capacity = file.content.length;
  let logged = 0;
  const drain = new TapDrain(tap.reader, () => logged++, capture);
  tap.tap(3);
  await until(() => !capture.isGoing, 1000);
  tap.tap(20);
  await until(() => logged === 23, 1000);
  await drain.stop();
});

Deno.test("TapDrain tells of a log that fails, and ends", async () => {
  const tap = new WrittenTap();
  const drain = new TapDrain(tap.reader, () => {
    throw new Error("no more room on the page");
  });
  tap.tap(1);
  await assertRejects(() => drain.done, Error, "no more room on the page");
  await assertRejects(() => drain.stop(), Error, "no more room on the page");
});
