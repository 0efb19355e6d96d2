import {
  BLOCK_LENGTH_WORD,
  interfaceDescriptionBlock,
  interfaceStatisticsBlock,
  sectionHeaderBlock,
} from "../../wire/pcapng.ts";
import { type CaptureFile, type CaptureSource, MIN_FILE_BYTES, type Rotation } from "./files.ts";
import { StallLimit } from "./stall_limit.ts";

/** The most that is written at once to a pipe or a device, so that a slow reader is not taken for a stalled one. */
const PIPE_WRITE_BYTES = 64 * 1024;

/** The bytes that stay free for the statistics at the end of a file of limited size. */
const STATISTICS_BYTES = interfaceStatisticsBlock({ startTimeNs: 0n, endTimeNs: 0n, received: 0, dropped: 0 })
  .length;

/** A description of the interface that is captured. */
export interface CapturedInterface {
  readonly name: string;
  readonly description: string;
  /** The highest number of bytes of a packet that are captured; 0 for no limit. */
  readonly snapLength: number;
}

export interface CaptureOptions {
  /** Opens the file of the capture, or with rotation one file after the other. */
  readonly files: CaptureSource;
  readonly rotation?: Rotation | undefined;
  /** The operating system, such as `Windows`. */
  readonly os: string;
  /** The program that captures, such as `wintun 0.1.0`. */
  readonly application: string;
  /** Returns the number of packets that did not reach the capture until now. */
  readonly missed: () => number;
  /** Is called once, if the capture stops before its end. */
  readonly onStopped: (failure: CaptureFailure) => void;
  /** A clock that never goes back, in milliseconds; `performance.now()` unless given. */
  readonly now?: () => number;
}

/** The failure that stopped a capture before its end. */
export interface CaptureFailure {
  /** The name of the file that was being written. */
  readonly file: string;
  readonly error: unknown;
}

/** The totals of a capture. */
export interface CaptureTotals {
  /** The number of packets in its files. */
  readonly written: number;
  /** The number of packets that its files lack, because they did not reach the capture or came after a failure. */
  readonly missed: number;
  /** The size of all files together, in bytes. */
  readonly bytes: number;
  /** The number of files that were begun. */
  readonly files: number;
  /** The number of those files that have not been removed. */
  readonly kept: number;
  /** The name of the file that was begun last. */
  readonly file: string;
  readonly failure?: CaptureFailure;
}

/**
 * Writes a pcapng capture into one file or several, which it owns. Only `open()` and `begin()` throw. Later, a file that
 * cannot be written ends the capture, and a regular file is cut after its last whole packet. The capture reports the
 * failure, counts the packets that it lacks, and disturbs nothing else.
 *
 * `begin()`, `write()`, `rotateIfOld()` and `close()` are called one at a time, each after the promise of the last one
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
  /** The bytes of the file up to the end of its last whole block. */
  #wholeBytes = 0;
  #filePackets = 0;
  #earlierBytes = 0;
  #written = 0;
  #lost = 0;
  #failure: CaptureFailure | undefined;
  #isOpen = true;
  readonly #now: () => number;
  readonly #stallLimit = new StallLimit();

  /**
   * Opens the first file of a capture. The caller closes the capture.
   *
   * @throws {RangeError} If `rotation.bytes` is below `MIN_FILE_BYTES`; no file is opened then.
   * @throws The errors of `options.files.openNext()`.
   */
  static async open(options: CaptureOptions): Promise<Capture> {
    if ((options.rotation?.bytes ?? Infinity) < MIN_FILE_BYTES) {
      throw new RangeError(`A capture file cannot be limited to less than ${MIN_FILE_BYTES} bytes`);
    }
    return new Capture(await options.files.openNext(), options);
  }

  private constructor(file: CaptureFile, options: CaptureOptions) {
    this.#file = file;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#openedAtMs = this.#now();
    this.#maxFileBytes = options.rotation?.bytes ?? Infinity;
    this.#maxFileMs = options.rotation?.ms ?? Infinity;
  }

  /** The totals until now. */
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

  /**
   * Empties the file and writes the blocks that it starts with.
   *
   * @throws {Deno.errors.TimedOut} If the file stalls after `limitStalls()`.
   * @throws The errors of cutting or writing the file.
   */
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
   * Writes whole enhanced packet blocks, into another file where rotation requires it. Never rejects.
   *
   * @param packets The number of blocks.
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

  /** Starts another file if this one has packets and has reached the age limit of `rotation.ms`. Never rejects. */
  async rotateIfOld(): Promise<void> {
    if (!this.isGoing || this.#now() - this.#openedAtMs < this.#maxFileMs) return;
    if (this.#filePackets > 0) await this.#rotate();
    else this.#openedAtMs = this.#now();
  }

  /**
   * Limits how long one operation on a file may take from now on, the present one included. If an operation takes longer,
   * the capture ends. So `close()` resolves although a disk or a reader stalls. Idempotent.
   */
  limitStalls(limitMs: number): void {
    this.#stallLimit.begin(limitMs);
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
      await this.#fail(error);
    }
  }

  async #rotate(): Promise<void> {
    try {
      await this.#finishFile();
      this.#earlierBytes += this.#fileBytes;
      this.#fileBytes = this.#wholeBytes = this.#filePackets = 0;
      this.#file = await this.#stallLimit.wait(this.#options.files.openNext());
      this.#isOpen = true;
      this.#files++;
      await this.#startFile();
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #startFile(): Promise<void> {
    this.#openedAtMs = this.#now();
    await this.#stallLimit.wait(this.#file.sink.truncate?.(0));
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

  /** Writes blocks of packets to this file. Returns the number of packets that are whole in the file. */
  async #append(blocks: Uint8Array, packets: number): Promise<number> {
    let written = packets;
    try {
      await this.#writeAll(blocks);
    } catch (error) {
      const whole = wholeBlocks(blocks, this.#fileBytes - this.#wholeBytes);
      written = whole.packets;
      this.#wholeBytes += whole.bytes;
      await this.#fail(error);
    }
    this.#written += written;
    this.#filePackets += written;
    return written;
  }

  /** Writes whole blocks. Adds the number of written bytes to `#fileBytes`, also if it throws later. */
  async #writeAll(bytes: Uint8Array): Promise<void> {
    const most = this.#file.sink.truncate === undefined ? PIPE_WRITE_BYTES : bytes.length;
    for (let at = 0; at < bytes.length;) {
      const written = await this.#stallLimit.wait(this.#file.sink.write(bytes.subarray(at, at + most)));
      at += written;
      this.#fileBytes += written;
    }
    this.#wholeBytes = this.#fileBytes;
  }

  /** Ends the capture, and cuts a regular file after its last whole block. */
  async #fail(error: unknown): Promise<void> {
    this.#failure = { file: this.#file.name, error };
    if (this.#isOpen) {
      this.#isOpen = false;
      const { sink } = this.#file;
      try {
        // Deno runs the operations of a file one after the other: after one that does not end, none begins.
        if (sink.truncate !== undefined && !this.#stallLimit.hasStalled) {
          await this.#stallLimit.wait(sink.truncate(this.#wholeBytes));
          this.#fileBytes = this.#wholeBytes;
        }
      } catch {
        // The file then ends within a packet. A program that reads it reports that.
      }
      sink.close();
    }
    this.#options.onStopped(this.#failure);
  }
}

/** Returns the size in bytes, and the number, of the first blocks that fit as a whole into `limitBytes`. */
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
