import {
  BLOCK_LENGTH_WORD,
  interfaceDescriptionBlock,
  interfaceStatisticsBlock,
  sectionHeaderBlock,
} from "../../wire/pcapng.ts";
import { type CaptureFile, type CaptureSource, MIN_FILE_BYTES, type Rotation } from "./files.ts";

/** The most that is written at once to what is no regular file: a slow reader is then seen to read. */
const PIPE_WRITE_BYTES = 64 * 1024;

/** Bytes that stay free at the end of a limited file. */
const STATISTICS_BYTES = interfaceStatisticsBlock({ startTimeNs: 0n, endTimeNs: 0n, received: 0, dropped: 0 })
  .length;

/** The interface that is captured. */
export interface CapturedInterface {
  readonly name: string;
  readonly description: string;
  /** Most bytes kept of a packet; 0 if there is no limit. */
  readonly snapLength: number;
}

export interface CaptureOptions {
  /** Where its files come from: one, or with rotation several. */
  readonly files: CaptureSource;
  readonly rotation?: Rotation | undefined;
  /** The operating system, such as `Windows`. */
  readonly os: string;
  /** The program that captures, such as `wintun 0.1.0`. */
  readonly application: string;
  /** Returns how many packets until now did not reach the capture. */
  readonly missed: () => number;
  /** Called once, if the capture stops before its end. */
  readonly onStopped: (failure: CaptureFailure) => void;
  /** A clock that never goes back, in milliseconds; `performance.now()` unless given. */
  readonly now?: () => number;
}

/** Why a capture stopped before its end. */
export interface CaptureFailure {
  /** The file that was being written. */
  readonly file: string;
  readonly error: unknown;
}

/** The totals of a capture. */
export interface CaptureTotals {
  /** Packets in its files. */
  readonly written: number;
  /** Packets that its files lack: those that did not reach the capture, and those that came after a failure. */
  readonly missed: number;
  /** Bytes written, in all files together. */
  readonly bytes: number;
  /** How many files were begun. */
  readonly files: number;
  /** How many of them are kept. */
  readonly kept: number;
  /** The file that was begun last. */
  readonly file: string;
  readonly failure?: CaptureFailure;
}

/**
 * Writes a pcapng capture into one file or several. Only `open()` and `begin()` throw: from then on a file that cannot
 * be written ends the capture, which counts the packets that it lacks, and everything else goes on. A regular file is
 * then cut after its last whole packet.
 *
 * `begin()`, `write()`, `rotateIfOld()` and `close()` are called one at a time: each after the promise of the last one
 * has resolved.
 */
export class Capture {
  readonly #options: CaptureOptions;
  readonly #maxFileBytes: number;
  readonly #maxFileMs: number;
  #file: CaptureFile;
  #files = 1;
  #header = new Uint8Array(0) as Uint8Array;
  #startTimeNs = 0n;
  #openedAtMs: number;
  #fileBytes = 0;
  #filePackets = 0;
  #earlierBytes = 0;
  #written = 0;
  #lost = 0;
  #failure: CaptureFailure | undefined;
  #isOpen = true;
  readonly #now: () => number;
  /** How long an operation on the file may take; set by `limitStalls()`. */
  #stallLimitMs: number | undefined;
  /** Whether an operation on the file took longer. It may never end, and the file is then left alone. */
  #hasStalled = false;
  /** Limits the operation that is under way. */
  #limitOperation = (): void => {};

  /** Opens the first file. @throws what opening it throws. */
  static async open(options: CaptureOptions): Promise<Capture> {
    return new Capture(await options.files.openNext(), options);
  }

  private constructor(file: CaptureFile, options: CaptureOptions) {
    this.#file = file;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#openedAtMs = this.#now();
    this.#maxFileBytes = options.rotation?.bytes ?? Infinity;
    this.#maxFileMs = options.rotation?.ms ?? Infinity;
    if (this.#maxFileBytes < MIN_FILE_BYTES) {
      throw new RangeError(`A capture file cannot be limited to less than ${MIN_FILE_BYTES} bytes`);
    }
  }

  get totals(): CaptureTotals {
    return {
      written: this.#written,
      missed: this.#options.missed() + this.#lost,
      bytes: this.#earlierBytes + this.#fileBytes,
      files: this.#files,
      kept: this.#options.files.kept,
      file: this.#file.name,
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
    };
  }

  /** Whether packets are still written. */
  get isGoing(): boolean {
    return this.#failure === undefined;
  }

  /** Empties the file and writes the blocks that it starts with. @throws what writing throws. */
  async begin({ name, description, snapLength }: CapturedInterface): Promise<void> {
    const { os, application } = this.#options;
    this.#header = Uint8Array.of(
      ...sectionHeaderBlock(os, application),
      ...interfaceDescriptionBlock(name, description, snapLength),
    );
    this.#startTimeNs = nowNs();
    await this.#startFile();
  }

  /**
   * Writes whole enhanced packet blocks. Never rejects.
   * @param packets how many they are.
   */
  async write(blocks: Uint8Array, packets: number): Promise<void> {
    await this.rotateIfOld();
    let rest = blocks;
    let left = packets;
    while (left > 0 && this.isGoing) {
      const room = this.#maxFileBytes - this.#fileBytes - STATISTICS_BYTES;
      const fitting = room >= rest.length ? { bytes: rest.length, packets: left } : wholeBlocks(rest, room);
      if (fitting.packets === 0) {
        await this.#rotate();
      } else {
        left -= await this.#append(rest.subarray(0, fitting.bytes), fitting.packets);
        rest = rest.subarray(fitting.bytes);
      }
    }
    this.#lost += left;
  }

  /** Starts another file if this one has packets and has been open for as long as it may. Never rejects. */
  async rotateIfOld(): Promise<void> {
    if (!this.isGoing || this.#now() - this.#openedAtMs < this.#maxFileMs) return;
    if (this.#filePackets > 0) await this.#rotate();
    else this.#openedAtMs = this.#now();
  }

  /**
   * Limits how long one operation on a file may take from now on, the present one included. If one takes longer, the
   * capture ends: so `close()` resolves although a disk or a reader stalls. Idempotent.
   */
  limitStalls(limitMs: number): void {
    if (this.#stallLimitMs !== undefined) return;
    this.#stallLimitMs = limitMs;
    this.#limitOperation();
  }

  /** Writes the statistics, if the capture was begun, and closes the file. Never rejects. Idempotent. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    try {
      if (this.#fileBytes > 0) {
        await this.#finishFile();
      } else {
        this.#isOpen = false;
        this.#file.sink.close();
      }
    } catch (error) {
      await this.#fail(error, this.#fileBytes);
    }
  }

  async #rotate(): Promise<void> {
    try {
      await this.#finishFile();
      this.#earlierBytes += this.#fileBytes;
      this.#fileBytes = this.#filePackets = 0;
      this.#file = await this.#unlessStalled(this.#options.files.openNext());
      this.#isOpen = true;
      this.#files++;
      await this.#startFile();
    } catch (error) {
      await this.#fail(error, this.#fileBytes);
    }
  }

  async #startFile(): Promise<void> {
    this.#openedAtMs = this.#now();
    await this.#unlessStalled(this.#file.sink.truncate?.(0));
    await this.#writeAll(this.#header);
  }

  async #finishFile(): Promise<void> {
    const missed = this.#options.missed() + this.#lost;
    await this.#writeAll(interfaceStatisticsBlock({
      startTimeNs: this.#startTimeNs,
      endTimeNs: nowNs(),
      received: this.#written + missed,
      dropped: missed,
    }));
    this.#isOpen = false;
    this.#file.sink.close();
  }

  /** Writes blocks of packets to this file, and gives how many packets are in it. */
  async #append(blocks: Uint8Array, packets: number): Promise<number> {
    const before = this.#fileBytes;
    let written = packets;
    try {
      await this.#writeAll(blocks);
    } catch (error) {
      const whole = wholeBlocks(blocks, this.#fileBytes - before);
      written = whole.packets;
      await this.#fail(error, before + whole.bytes);
    }
    this.#written += written;
    this.#filePackets += written;
    return written;
  }

  /** Writes all of `bytes`; what was written before it throws is counted in `#fileBytes`. */
  async #writeAll(bytes: Uint8Array): Promise<void> {
    const most = this.#file.sink.truncate === undefined ? PIPE_WRITE_BYTES : bytes.length;
    for (let at = 0; at < bytes.length;) {
      const written = await this.#unlessStalled(this.#file.sink.write(bytes.subarray(at, at + most)));
      at += written;
      this.#fileBytes += written;
    }
  }

  /**
   * Waits for an operation on the file, but not longer than `limitStalls()` allows.
   * @throws {Deno.errors.TimedOut}; and what the operation throws.
   */
  async #unlessStalled<T>(operation: T | Promise<T>): Promise<T> {
    const stalled = Promise.withResolvers<never>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.#limitOperation = () => {
      const limitMs = this.#stallLimitMs!;
      timer = setTimeout(() => {
        this.#hasStalled = true;
        stalled.reject(new Deno.errors.TimedOut(`nothing could be written for ${limitMs / 1000} s`));
      }, limitMs);
    };
    if (this.#stallLimitMs !== undefined) this.#limitOperation();
    try {
      return await Promise.race([operation, stalled.promise]);
    } finally {
      clearTimeout(timer);
      this.#limitOperation = () => {};
    }
  }

  /** Ends the capture, and cuts its file to the first `wholeBytes` bytes. */
  async #fail(error: unknown, wholeBytes: number): Promise<void> {
    this.#failure = { file: this.#file.name, error };
    if (this.#isOpen) {
      this.#isOpen = false;
      const { sink } = this.#file;
      try {
        // Deno runs the operations of a file one after the other: behind one that does not end, none begins.
        if (!this.#hasStalled) {
          await this.#unlessStalled(sink.truncate?.(wholeBytes));
          this.#fileBytes = wholeBytes;
        }
      } catch {
        // The file then ends within a packet, and a program that reads it reports that.
      }
      sink.close();
    }
    this.#options.onStopped(this.#failure);
  }
}

/** How many of the first `limitBytes` bytes are whole blocks, and how many blocks these are. */
function wholeBlocks(blocks: Uint8Array, limitBytes: number): { bytes: number; packets: number } {
  const view = new DataView(blocks.buffer, blocks.byteOffset, blocks.length);
  let bytes = 0;
  let packets = 0;
  while (bytes < blocks.length) {
    const end = bytes + view.getUint32(bytes + 4 * BLOCK_LENGTH_WORD, true);
    if (end > limitBytes) break;
    bytes = end;
    packets++;
  }
  return { bytes, packets };
}

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
