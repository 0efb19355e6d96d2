import type { Packets } from "../../wintun/device.ts";
import type { Comment } from "../../wire/pcapng.ts";
import { Recorder } from "../capture/recorder.ts";
import { IN_REPLY, type Tap } from "../capture/tap.ts";

/**
 * Records the packets of a network in taps. The record of a received packet is completed once: by the first packet that
 * answers it, or else by `conclude()`.
 */
export class NetworkRecorder {
  readonly #recorder: Recorder;
  #isOpen = false;

  /**
   * @param packets The packets of the device.
   * @param taps At least one.
   * @param commentBytes The room for the comments of one packet.
   */
  constructor(packets: Pick<Packets, "copierTo">, taps: readonly Tap[], commentBytes: number) {
    this.#recorder = new Recorder(packets, taps, commentBytes);
  }

  /** Records a received packet of `length` bytes at `offset` of the device, as it is now. */
  received(offset: number, length: number): void {
    this.#recorder.received(offset, length);
    this.#isOpen = true;
  }

  /** Completes the record of the packet that was received last, unless that is done. */
  conclude(kind: number, comment?: Comment): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#recorder.concluded(kind, comment);
  }

  /** As `Recorder.sent()`. */
  sent(
    source: Int32Array | undefined,
    at: number,
    length: number,
    kind: number,
    comment?: Comment,
    second?: Comment,
  ): void {
    this.conclude(IN_REPLY);
    this.#recorder.sent(source, at, length, kind, comment, second);
  }

  /** Makes the records visible to all readers. The caller calls it before every wait. */
  flush(): void {
    this.#recorder.flush();
  }
}
