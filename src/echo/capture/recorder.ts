import type { Packets } from "../../wintun/device.ts";
import type { Comment } from "../../wire/pcapng.ts";
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
   * @param commentBytes The room for the comments of one packet (see TapWriter).
   */
  constructor(
    packets: Pick<Packets, "copierTo">,
    [{ memory, snapLength }, ...others]: readonly Tap[],
    commentBytes = 0,
  ) {
    this.#tap = new TapWriter(packets, memory, snapLength, commentBytes);
    this.#others = others.length === 0 ? null : new Recorder(packets, others, commentBytes);
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

  /** Completes the records of the packet that was received last, whose reply is recorded apart, if there is one. */
  concluded(kind: number, comment?: Comment): void {
    if (this.#record >= 0) this.#tap.commit(this.#record, kind, comment);
    this.#others?.concluded(kind, comment);
  }

  /**
   * Records a packet of `length` bytes that was sent.
   *
   * @param source The memory that holds the packet at byte `at`; `undefined` for the device's memory.
   * @param kind One of the `OUT_` kinds of tap.ts.
   */
  sent(
    source: Int32Array | undefined,
    at: number,
    length: number,
    kind: number = OUT_REPLY,
    comment?: Comment,
    second?: Comment,
  ): void {
    const record = this.#tap.begin(at, length, false, source);
    if (record >= 0) this.#tap.commit(record, kind, comment, second);
    this.#others?.sent(source, at, length, kind, comment, second);
  }

  /** Makes the records visible to all readers. The caller calls it before every wait. */
  flush(): void {
    this.#tap.flush();
    this.#others?.flush();
  }
}
