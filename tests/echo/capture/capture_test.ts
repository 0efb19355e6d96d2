import { assert, assertEquals, assertRejects } from "@std/assert";
import { Capture, type CaptureFailure, type CaptureOptions } from "../../../src/echo/capture/capture.ts";
import { MIN_FILE_BYTES, type Rotation } from "../../../src/echo/capture/files.ts";
import { blocksOf, captureInto, filesOf, MemoryFile, packetBlocks } from "./memory.ts";

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const STATISTICS = 5;
const PACKET = 6;

interface Opened {
  readonly capture: Capture;
  readonly files: MemoryFile[];
  readonly failures: CaptureFailure[];
  /** The number of packets that did not reach the capture. */
  missed: number;
  /** The time by the capture's clock, in milliseconds. */
  nowMs: number;
}

/** Begins a capture into the files that `nextFile` returns. */
async function begin(
  nextFile: (number: number) => MemoryFile = (number) => new MemoryFile(`file ${number}`),
  rotation?: Rotation,
): Promise<Opened> {
  const [files, failures]: [MemoryFile[], CaptureFailure[]] = [[], []];
  const state = { missed: 0, nowMs: 0 };
  const source = {
    // deno-lint-ignore require-await -- errors must be rejections
    openNext: async () => {
      const file = nextFile(files.length + 1);
      files.push(file);
      return file;
    },
    get kept(): number {
      return files.length;
    },
  };
  const options: Partial<CaptureOptions> = {
    rotation,
    missed: () => state.missed,
    onStopped: (failure) => failures.push(failure),
    now: () => state.nowMs,
  };
  return Object.assign(state, { capture: await captureInto(source, options), files, failures });
}

const typesOf = (file: MemoryFile): number[] => blocksOf(file.content).map(({ type }) => type);

Deno.test("a capture is a section, an interface, the packets, and statistics that count them", async () => {
  const { capture, files: [file], failures } = await begin();
  await capture.write(packetBlocks(2, 60), 2);
  await capture.write(packetBlocks(1, 1400), 1);
  await capture.close();
  assertEquals(typesOf(file), [SECTION, INTERFACE, PACKET, PACKET, PACKET, STATISTICS]);
  // isb_ifrecv and isb_ifdrop, behind the two times.
  const statistics = new DataView(file.content.buffer, file.content.length - 76);
  assertEquals([statistics.getBigUint64(48, true), statistics.getBigUint64(60, true)], [3n, 0n]);
  const { length } = file.content;
  assertEquals(capture.totals, { written: 3, missed: 0, bytes: length, files: 1, kept: 1, file: "file 1" });
  assertEquals([file.isClosed, failures], [true, []]);
});

Deno.test("the statistics of a capture count packets that it lacks", async () => {
  const opened = await begin();
  await opened.capture.write(packetBlocks(2, 60), 2);
  opened.missed = 5;
  await opened.capture.close();
  const { content } = opened.files[0];
  const statistics = new DataView(content.buffer, content.length - 76);
  assertEquals([statistics.getBigUint64(48, true), statistics.getBigUint64(60, true)], [7n, 5n]);
  assertEquals([opened.capture.totals.written, opened.capture.totals.missed], [2, 5]);
});

Deno.test("a full disk stops a capture behind its last whole packet, once, and what follows is counted", async () => {
  const { capture, files: [file], failures } = await begin();
  const before = file.content.length;
  file.capacity = before + 2 * 104 + 50;
  await capture.write(packetBlocks(5, 60), 5);
  assertEquals(typesOf(file), [SECTION, INTERFACE, PACKET, PACKET]);
  assertEquals([capture.isGoing, file.isClosed], [false, true]);
  const writes = file.writes.length;
  await capture.write(packetBlocks(7, 60), 7);
  await capture.rotateIfOld();
  await capture.close();
  assertEquals(file.writes.length, writes);
  const { written, missed, bytes, failure } = capture.totals;
  assertEquals([written, missed, bytes], [2, 10, file.content.length]);
  assertEquals(failures.map(({ file, error }) => [file, (error as Error).message]), [
    ["file 1", "No space left on device (os error 28)"],
  ]);
  assertEquals(failure, failures[0]);
});

Deno.test("a capture that cannot be begun says so to whoever begins it", async () => {
  const full = new MemoryFile("full");
  full.capacity = 0;
  await assertRejects(() => begin(() => full), Error, "No space left on device");
});

Deno.test("a capture that was opened and not begun leaves its file as it was", async () => {
  const file = new MemoryFile("kept");
  file.content = Uint8Array.of(1, 2, 3);
  const capture = await Capture.open({
    files: filesOf(file),
    os: "",
    application: "",
    missed: () => 0,
    onStopped: () => {},
  });
  await capture.close();
  assertEquals([file.content, file.isClosed], [Uint8Array.of(1, 2, 3), true]);
});

Deno.test("a capture takes the place of what is in its file", async () => {
  const { capture, files: [file] } = await begin((number) => {
    const file = new MemoryFile(`file ${number}`);
    file.content = new Uint8Array(100_000);
    return file;
  });
  await capture.close();
  assertEquals(typesOf(file), [SECTION, INTERFACE, STATISTICS]);
});

Deno.test("a capture writes to a pipe in pieces, so that a slow reader is seen to read", async () => {
  const { capture, files: [pipe] } = await begin(() => new MemoryFile("pipe", "pipe"));
  await capture.write(packetBlocks(100, 1400), 100);
  await capture.close();
  assert(Math.max(...pipe.writes) <= 65536, `${pipe.writes}`);
  assertEquals(typesOf(pipe).filter((type) => type === PACKET).length, 100);
});

Deno.test("a capture goes on in another file before one is too large, and every file is complete", async () => {
  const { capture, files } = await begin(undefined, { bytes: MIN_FILE_BYTES });
  for (let times = 0; times < 10; times++) {
    await capture.write(packetBlocks(20, 1400), 20);
    await capture.write(packetBlocks(1, 65535), 1);
    // So small that a file is filled up to its statistics.
    await capture.write(packetBlocks(2000, 1), 2000);
  }
  await capture.close();
  assert(files.length > 5, `${files.length}`);
  let packets = 0;
  for (const file of files) {
    const [section, interface_, ...rest] = typesOf(file);
    assertEquals([section, interface_, rest.pop()], [SECTION, INTERFACE, STATISTICS]);
    assertEquals(new Set(rest), new Set([PACKET]));
    assert(file.isClosed && file.content.length <= MIN_FILE_BYTES, `${file.content.length}`);
    packets += rest.length;
  }
  const { written, bytes, files: count, file } = capture.totals;
  assertEquals([packets, written, count, file], [20_210, 20_210, files.length, `file ${files.length}`]);
  assertEquals(bytes, files.reduce((sum, { content }) => sum + content.length, 0));
});

Deno.test("a file of a capture cannot be limited to less than the largest packet", async () => {
  let opened = 0;
  const nextFile = (number: number): MemoryFile => {
    opened = number;
    return new MemoryFile("file");
  };
  await assertRejects(() => begin(nextFile, { bytes: MIN_FILE_BYTES - 1 }), RangeError);
  assertEquals(opened, 0);
});

Deno.test("a capture goes on in another file when one with packets is old enough", async () => {
  const opened = await begin(undefined, { ms: 40 });
  const { capture, files } = opened;
  opened.nowMs = 50;
  await capture.rotateIfOld();
  assertEquals(files.length, 1);
  await capture.write(packetBlocks(1, 60), 1);
  opened.nowMs = 89;
  await capture.rotateIfOld();
  assertEquals(files.length, 1);
  opened.nowMs = 90;
  await capture.rotateIfOld();
  assertEquals([files.length, files[0].isClosed], [2, true]);
  await capture.write(packetBlocks(1, 60), 1);
  await capture.close();
  for (const file of files) assertEquals(typesOf(file), [SECTION, INTERFACE, PACKET, STATISTICS]);
});

Deno.test("a capture stops when its next file cannot be opened, and the one before is complete", async () => {
  const open = (number: number): MemoryFile => {
    if (number === 2) throw new Deno.errors.PermissionDenied("no");
    return new MemoryFile(`file ${number}`);
  };
  const { capture, files, failures } = await begin(open, { bytes: MIN_FILE_BYTES });
  await capture.write(packetBlocks(200, 1400), 200);
  await capture.close();
  const [{ content }] = files;
  assertEquals(blocksOf(content).at(-1)?.type, STATISTICS);
  const { written, missed, bytes } = capture.totals;
  assertEquals([written, missed, bytes], [blocksOf(content).length - 3, 200 - written, content.length]);
  assertEquals(failures.map(({ error }) => (error as Error).message), ["no"]);
});

Deno.test("a file whose statistics do not fit on the disk is cut after its last whole packet", async () => {
  const { capture, files: [file], failures } = await begin();
  await capture.write(packetBlocks(2, 60), 2);
  const packetsEnd = file.content.length;
  file.capacity = packetsEnd + 10;
  await capture.close();
  assertEquals([file.content.length, capture.totals.bytes], [packetsEnd, packetsEnd]);
  assertEquals([capture.totals.written, failures.length, file.isClosed], [2, 1, true]);
});

Deno.test("the statistics of a full file that do not fit on the disk are cut off when the next file is due", async () => {
  const { capture, files } = await begin(undefined, { ms: 0 });
  await capture.write(packetBlocks(1, 60), 1);
  const packetsEnd = files[0].content.length;
  files[0].capacity = packetsEnd + 10;
  await capture.write(packetBlocks(1, 60), 1);
  assertEquals([files.length, files[0].content.length], [1, packetsEnd]);
  assertEquals([capture.totals.written, capture.totals.missed], [1, 1]);
});

Deno.test("a pipe that closes within a packet counts the bytes that it has taken", async () => {
  const { capture, files: [file] } = await begin(() => new MemoryFile("pipe", "pipe"));
  file.capacity = file.content.length + 10;
  await capture.write(packetBlocks(1, 60), 1);
  await capture.close();
  assertEquals([capture.totals.bytes, capture.totals.written], [file.capacity, 0]);
});

for (const kind of ["regular", "pipe"] as const) {
  Deno.test(`a write that never ends does not keep the capture from its end (${kind} file)`, async () => {
    const { capture, files: [file], failures } = await begin(() => new MemoryFile("file", kind));
    file.isStuck = true;
    const writing = capture.write(packetBlocks(3, 60), 3);
    capture.limitStalls(10);
    await writing;
    await capture.close();
    assertEquals([capture.isGoing, capture.totals.missed, file.isClosed], [false, 3, true]);
    assertEquals(failures.map(({ error }) => `${error}`), ["TimedOut: nothing could be written for 0.01 s"]);
  });
}

Deno.test("a write that begins after limitStalls() is limited too", async () => {
  const { capture, files: [file], failures } = await begin();
  capture.limitStalls(10);
  await capture.write(packetBlocks(1, 60), 1);
  file.isStuck = true;
  await capture.write(packetBlocks(3, 60), 3);
  await capture.close();
  assertEquals([capture.totals.written, capture.totals.missed, failures.length], [1, 3, 1]);
});

Deno.test("statistics that are never written do not keep the capture from its end", async () => {
  const { capture, files: [file], failures } = await begin();
  await capture.write(packetBlocks(1, 60), 1);
  file.isStuck = true;
  capture.limitStalls(10);
  await capture.close();
  assertEquals([file.isClosed, failures.length, capture.totals.written], [true, 1, 1]);
});

Deno.test("a file that cannot be cut after a failed write does not keep the capture from its end", async () => {
  const { capture, files: [file], failures } = await begin();
  file.capacity = file.content.length + 10;
  const { sink } = file;
  const { write } = sink;
  sink.write = async (bytes) => {
    // The disk takes a part, reports that it is full, and then stalls.
    const written = await write(bytes);
    file.isStuck = written < bytes.length;
    sink.write = () => Promise.reject(new Error("No space left on device (os error 28)"));
    return written;
  };
  const writing = capture.write(packetBlocks(1, 60), 1);
  capture.limitStalls(10);
  await writing;
  await capture.close();
  assertEquals([file.isClosed, capture.totals.missed], [true, 1]);
  assertEquals(failures.map(({ error }) => (error as Error).message), [
    "No space left on device (os error 28)",
  ]);
});

Deno.test("a next file that never opens does not keep the capture from its end", async () => {
  const first = new MemoryFile("first");
  const waiting = new Promise<MemoryFile>(() => {});
  const opens = [Promise.resolve(first), waiting];
  const failures: CaptureFailure[] = [];
  const capture = await captureInto({ openNext: () => opens.shift()!, kept: 1 }, {
    rotation: { bytes: MIN_FILE_BYTES },
    onStopped: (failure) => failures.push(failure),
  });
  const writing = capture.write(packetBlocks(200, 1400), 200);
  capture.limitStalls(10);
  await writing;
  await capture.close();
  assertEquals([blocksOf(first.content).at(-1)?.type, failures.length], [STATISTICS, 1]);
});

Deno.test("a file that stalls before limitStalls() is waited for", async () => {
  const { capture, files: [file] } = await begin();
  const { sink } = file;
  const { write } = sink;
  const stalled = Promise.withResolvers<void>();
  sink.write = (bytes) => stalled.promise.then(() => write(bytes));
  const writing = capture.write(packetBlocks(3, 60), 3);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert(capture.isGoing);
  stalled.resolve();
  await writing;
  assertEquals(capture.totals.written, 3);
});
