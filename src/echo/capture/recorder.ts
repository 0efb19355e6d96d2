import type { Packets } from "../../wintun/device.ts";
import { IN_REPLY, OUT_REPLY, type Tap, TapWriter } from "./tap.ts";

/**
 * Shows packets to taps, on the thread that reads the device. Each tap has one reader and a memory of its own, so a
 * reader that is slow, or has stopped, loses its own packets only.
 */
export class Recorder {
  readonly #tap: TapWriter;
  /** The recorder of the other taps. */
  readonly #others: Recorder | null;
  /** The record of the packet that was received last, or -1. */
  #record = -1;

  /** @param taps at least one. */
  constructor(packets: Packets, [{ memory, snapLength }, ...others]: readonly Tap[]) {
    this.#tap = new TapWriter(packets, memory, snapLength);
    this.#others = others.length === 0 ? null : new Recorder(packets, others);
  }

  /** Records a received packet as it is now, of `length` bytes at `offset` of the device. `answered()` completes it. */
  received(offset: number, length: number): void {
    this.#record = this.#tap.begin(offset, length);
    if (this.#others !== null) this.#others.received(offset, length);
  }

  /**
   * Completes the records of the packet that was received last, and records its reply, if one was sent.
   *
   * @param kind what became of the packet: one of the `IN_` kinds of tap.ts.
   * @param length of the reply.
   * @param isBusy whether packets come one behind the other. A reply then gets the time of its request: asking the
   * clock costs as much as an echo, which takes about one step of the clock. After a wait it takes longer.
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

  /** Records a reply that was sent after others, of `length` bytes at `at` of `memory`. */
  sent(memory: Uint8Array, at: number, length: number): void {
    const record = this.#tap.begin(at, length, false, memory);
    if (record >= 0) this.#tap.commit(record, OUT_REPLY);
    this.#others?.sent(memory, at, length);
  }

  /** Shows all readers what was recorded. Due before every wait. */
  flush(): void {
    this.#tap.flush();
    this.#others?.flush();
  }
}
