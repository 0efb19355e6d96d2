import {
  interfaceDescriptionBlock,
  interfaceStatisticsBlock,
  sectionHeaderBlock,
} from "../../wire/pcapng.ts";
import { type CaptureFile, MIN_FILE_BYTES, type Rotation } from "./files.ts";

/** Written at once to what is no regular file, so that even a slow reader is seen to read. */
const PIPE_WRITE_BYTES = 64 * 1024;

/** At the end, a write that takes longer is given up: whoever should read or store it does not. */
const STALLED_MS = 2000;

/** Kept free at the end of a limited file. */
const STATISTICS_BYTES = interfaceStatisticsBlock({ startTimeNs: 0n, endTimeNs: 0n, received: 0, dropped: 0 })
  .length;

/** What a capture says of its interface. */
export interface CapturedInterface {
  readonly name: string;
  readonly description: string;
  /** Most bytes kept of a packet; 0 if there is no limit. */
  readonly snapLength: number;
}

export interface CaptureOptions {
  /** Opens the first file, and with rotation each one that follows. */
  readonly openNext: () => Promise<CaptureFile>;
  readonly rotation?: Rotation | undefined;
  /** The operating system, such as `Windows`. */
  readonly os: string;
  /** What captures, such as `wintun 0.1.0`. */
  readonly application: string;
  /** How many packets until now did not get as far as the capture. */
  readonly missed: () => number;
  /** Told once, when the capture stops before its end. */
  readonly onStopped: (failure: CaptureFailure) => void;
}

/** Why a capture stopped before its end. */
export interface CaptureFailure {
  /** The file that was being written. */
  readonly file: string;
  readonly error: unknown;
}

/** What a capture has come to. */
export interface CaptureTotals {
  /** Packets in its files. */
  readonly written: number;
  /** Packets that its files lack: those that did not get as far, and those that came after a failure. */
  readonly missed: number;
  /** Of all files together. */
  readonly bytes: number;
  /** How many files were begun. */
  readonly files: number;
  /** The file that was begun last. */
  readonly file: string;
  readonly failure?: CaptureFailure;
}

/**
 * A pcapng capture on its way into one file or several. Only opening and beginning it can fail; from then on a file that
 * takes no more, for whatever reason, ends the capture, which counts what is missing and lets everything else go on. A
 * regular file is cut behind its last whole packet then.
 *
 * One call at a time: the next one when the promise of the last has resolved.
 */
export class Capture {
  readonly #options: CaptureOptions;
  readonly #maxFileBytes: number;
  readonly #maxFileMs: number;
  #file: CaptureFile;
  #files = 1;
  #header = new Uint8Array(0) as Uint8Array;
  #startTimeNs = 0n;
  #openedAtMs = performance.now();
  #fileBytes = 0;
  #filePackets = 0;
  #earlierBytes = 0;
  #written = 0;
  #lost = 0;
  #failure: CaptureFailure | undefined;
  #isOpen = true;
  #isEnding = false;
  #limitWrite = (): void => {};

  /** Opens the first file. @throws what `openNext` throws. */
  static async open(options: CaptureOptions): Promise<Capture> {
    return new Capture(await options.openNext(), options);
  }

  private constructor(file: CaptureFile, options: CaptureOptions) {
    this.#file = file;
    this.#options = options;
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
      file: this.#file.name,
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
    };
  }

  /** Whether packets are still written. */
  get isGoing(): boolean {
    return this.#failure === undefined;
  }

  /** Empties the file and writes what it starts with. @throws what writing throws. */
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

  /** Goes on in another file if this one has packets and has been open for as long as it may. Never rejects. */
  async rotateIfOld(): Promise<void> {
    if (!this.isGoing || performance.now() - this.#openedAtMs < this.#maxFileMs) return;
    if (this.#filePackets > 0) await this.#rotate();
    else this.#openedAtMs = performance.now();
  }

  /** Says that the end is near: from now on a file that takes nothing for two seconds ends the capture. */
  hurry(): void {
    this.#isEnding = true;
    this.#limitWrite();
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
      this.#file = await this.#options.openNext();
      this.#isOpen = true;
      this.#files++;
      await this.#startFile();
    } catch (error) {
      await this.#fail(error, this.#fileBytes);
    }
  }

  async #startFile(): Promise<void> {
    this.#openedAtMs = performance.now();
    await this.#file.sink.truncate?.(0);
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
      const written = await this.#writeSome(bytes.subarray(at, at + most));
      at += written;
      this.#fileBytes += written;
    }
  }

  async #writeSome(bytes: Uint8Array): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.#limitWrite = () => {
      const error = new Deno.errors.TimedOut(`nothing was taken for ${STALLED_MS / 1000} s`);
      timer = setTimeout(() => reject(error), STALLED_MS);
    };
    if (this.#isEnding) this.#limitWrite();
    this.#file.sink.write(bytes).then(resolve, reject);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#limitWrite = () => {};
    }
  }

  /** Ends the capture, with the first `wholeBytes` of its file. */
  async #fail(error: unknown, wholeBytes: number): Promise<void> {
    this.#failure = { file: this.#file.name, error };
    if (this.#isOpen) {
      this.#isOpen = false;
      const { sink } = this.#file;
      try {
        await sink.truncate?.(wholeBytes);
        this.#fileBytes = wholeBytes;
      } catch {
        // It then ends in half a packet, and whoever reads it is told so.
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
    const end = bytes + view.getUint32(bytes + 4, true);
    if (end > limitBytes) break;
    bytes = end;
    packets++;
  }
  return { bytes, packets };
}

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
