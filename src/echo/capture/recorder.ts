import type { Packets } from "../../wintun/device.ts";
import { IN_REPLY, OUT_REPLY, type Tap, TapWriter } from "./tap.ts";

/**
 * Shows packets to taps, on the thread that reads the device. Each tap has one reader and a memory of its own, so a
 * reader that is slow, or has stopped, loses its own packets only.
 */
export class Recorder {
  readonly #taps: readonly TapWriter[];
  /** By tap: the record of the packet that was received last, or -1. */
  readonly #records: Int32Array;

  constructor(packets: Packets, taps: readonly Tap[]) {
    this.#taps = taps.map(({ memory, snapLength }) => new TapWriter(packets, memory, snapLength));
    this.#records = new Int32Array(taps.length);
  }

  /** Records a received packet as it is now, of `length` bytes at `offset` of the device. `answered()` completes it. */
  received(offset: number, length: number): void {
    for (let tap = 0; tap < this.#taps.length; tap++) {
      this.#records[tap] = this.#taps[tap].begin(offset, length);
    }
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
    for (let index = 0; index < this.#taps.length; index++) {
      const tap = this.#taps[index];
      const record = this.#records[index];
      if (record >= 0) tap.commit(record, kind);
      if (kind !== IN_REPLY) continue;
      const reply = tap.begin(offset, length, isBusy && record >= 0);
      if (reply >= 0) tap.commit(reply, OUT_REPLY);
    }
  }

  /** Records a reply that was sent after others, of `length` bytes at `at` of `memory`. */
  sent(memory: Uint8Array, at: number, length: number): void {
    for (const tap of this.#taps) {
      const record = tap.begin(at, length, false, memory);
      if (record >= 0) tap.commit(record, OUT_REPLY);
    }
  }

  /** Shows all readers what was recorded. Due before every wait. */
  flush(): void {
    for (const tap of this.#taps) tap.flush();
  }
}
