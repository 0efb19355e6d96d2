import type { Packets } from "../../wintun/device.ts";
import { IN_REPLY, OUT_REPLY, type Tap } from "./tap.ts";
import { TapWriter } from "./tap_writer.ts";

/**
 * Records packets in taps, on the thread that reads the device. Each tap has a separate memory and reader, so a reader
 * that is slow, or has stopped, loses no packets of the other readers.
 */
export class Recorder {
  readonly #tap: TapWriter;
  /** The recorder of the other taps. */
  readonly #others: Recorder | null;
  /** The record of the packet that was received last, or -1. */
  #record = -1;

  /**
   * @param packets The packets of the device.
   * @param taps At least one.
   */
  constructor(packets: Packets, [{ memory, snapLength }, ...others]: readonly Tap[]) {
    this.#tap = new TapWriter(packets, memory, snapLength);
    this.#others = others.length === 0 ? null : new Recorder(packets, others);
  }

  /** Records a received packet of `length` bytes at `offset` of the device, as it is now. `answered()` completes it. */
  received(offset: number, length: number): void {
    this.#record = this.#tap.begin(offset, length);
    if (this.#others !== null) this.#others.received(offset, length);
  }

  /**
   * Completes the records of the packet that was received last, and records its reply, if one was sent.
   *
   * @param kind One of the `IN_` kinds of tap.ts.
   * @param offset The place of the reply in the device's memory.
   * @param length The length of the reply in bytes.
   * @param isBusy Whether packets come without a pause. A reply then gets the time of its request: reading the clock
   *   costs as much as an echo, and an echo takes about one step of the clock. After a wait, an echo takes longer.
   */
  answered(kind: number, offset: number, length: number, isBusy: boolean): void {
    const tap = this.#tap;
    const record = this.#record;
    if (record >= 0) tap.commit(record, kind);
    if (kind === IN_REPLY) {
      const reply = tap.begin(offset, length, isBusy && record >= 0);
      if (reply >= 0) tap.commit(reply, OUT_REPLY);
    }
    if (this.#others !== null) this.#others.answered(kind, offset, length, isBusy);
  }

  /** Records a reply of `length` bytes at byte `at` of `memory`, which was sent after another reply. */
  sent(memory: Uint8Array, at: number, length: number): void {
    const record = this.#tap.begin(at, length, false, memory);
    if (record >= 0) this.#tap.commit(record, OUT_REPLY);
    this.#others?.sent(memory, at, length);
  }

  /** Makes the records visible to all readers. The caller calls it before every wait. */
  flush(): void {
    this.#tap.flush();
    this.#others?.flush();
  }
}
