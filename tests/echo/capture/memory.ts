import { Capture, type CaptureOptions } from "../../../src/echo/capture/capture.ts";
import type { CaptureFile, CaptureSink, CaptureSource } from "../../../src/echo/capture/files.ts";
import {
  enhancedPacketLength,
  INBOUND,
  setPacketDirection,
  setPacketTime,
  writeEnhancedPacketFrame,
} from "../../../src/wire/pcapng.ts";

/** A file of a capture in memory, of limited size. */
export class MemoryFile implements CaptureFile {
  readonly name: string;
  readonly sink: CaptureSink;
  content = new Uint8Array(0);
  isClosed = false;
  /** The sizes of the requested writes. */
  readonly writes: number[] = [];
  /** The number of bytes that the file takes. After them, writing fails as on a full disk. */
  capacity = Infinity;
  /** Whether the operations that begin from now on never end. */
  isStuck = false;

  /** @param kind Only a regular file can be cut. */
  constructor(name: string, kind: "regular" | "pipe" = "regular") {
    this.name = name;
    const write = (bytes: Uint8Array): Promise<number> => this.#write(bytes);
    const close = (): void => {
      this.isClosed = true;
    };
    const truncate = (length: number): Promise<void> => {
      if (this.isStuck) return new Promise(() => {});
      this.content = this.content.slice(0, length);
      return Promise.resolve();
    };
    this.sink = kind === "regular" ? { write, close, truncate } : { write, close };
  }

  async #write(bytes: Uint8Array): Promise<number> {
    if (this.isClosed) throw new Deno.errors.BadResource("closed");
    this.writes.push(bytes.length);
    if (this.isStuck) return await new Promise(() => {});
    const fitting = bytes.subarray(0, this.capacity - this.content.length);
    if (fitting.length === 0) throw new Error("No space left on device (os error 28)");
    const content = new Uint8Array(this.content.length + fitting.length);
    content.set(this.content);
    content.set(fitting, this.content.length);
    this.content = content;
    return fitting.length;
  }
}

/** Begins a capture into files in memory. `missed` is 0, and failures are not reported, unless `options` has them. */
export async function captureInto(
  files: CaptureSource,
  options: Partial<CaptureOptions> = {},
): Promise<Capture> {
  const capture = await Capture.open({
    files,
    os: "Linux",
    application: "test",
    missed: () => 0,
    onStopped: () => {},
    ...options,
  });
  await capture.begin({ name: "lab", description: "test", snapLength: 0 });
  return capture;
}

/** A source that opens the given files, one after the other. */
export function filesOf(...files: CaptureFile[]): CaptureSource {
  return { openNext: () => Promise.resolve(files.shift()!), kept: files.length };
}

/** One block of a capture. */
export interface Block {
  readonly type: number;
  readonly length: number;
}

/** Returns the blocks of a capture. @throws {Error} If a block is not whole. */
export function blocksOf(content: Uint8Array): Block[] {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const blocks: Block[] = [];
  for (let at = 0; at < content.length;) {
    const length = view.getUint32(at + 4, true);
    if (view.getUint32(at + length - 4, true) !== length) throw new Error(`no whole block at ${at}`);
    blocks.push({ type: view.getUint32(at, true), length });
    at += length;
  }
  return blocks;
}

/** Returns the blocks of `count` packets of `size` zeros. */
export function packetBlocks(count: number, size: number): Uint8Array {
  const length = enhancedPacketLength(size, 0);
  const words = new Int32Array(count * length / 4);
  for (let at = 0; at < count * length; at += length) {
    writeEnhancedPacketFrame(words, at, size, size, 0);
    setPacketTime(words, at, 0, at);
    setPacketDirection(words, at + length, INBOUND);
  }
  return new Uint8Array(words.buffer);
}
