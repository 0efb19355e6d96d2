import { type Comment, commentLength, encodeComment } from "../../wire/pcapng.ts";

/** Room for nine digits, and a point before the last three. */
const MS_WIDTH = 10;
const DELAYED = "The network delayed this packet on purpose. Milliseconds: ";

/** The comments in a capture that say what the network did on purpose. */
export class NetworkComments {
  /** Of a request. */
  readonly lost = encodeComment("The network lost the reply to this packet on purpose (loss).");
  readonly noHost = encodeComment("The network has no host with this address, so nothing answers.");
  readonly queueFull = encodeComment(
    "The reply to this packet was dropped: too many packets wait in the network.",
  );
  /** Of a sent packet. */
  readonly duplicate = encodeComment("The network sent this packet twice on purpose (duplicate).");
  readonly ahead = encodeComment("The network sent this packet without delay on purpose (reorder).");
  /** The most bytes that the comments of one packet take. */
  readonly mostBytes: number;
  readonly #delayed = encodeComment(DELAYED + "0".repeat(MS_WIDTH));
  readonly #delayedBytes = new Uint8Array(this.#delayed.words.buffer);

  constructor() {
    const ofRequest = Math.max(...[this.lost, this.noHost, this.queueFull].map(commentLength));
    const ofSent = commentLength(this.#delayed) +
      Math.max(...[this.duplicate, this.ahead].map(commentLength));
    this.mostBytes = Math.max(ofRequest, ofSent);
  }

  /** Returns the comment of a packet that has waited for that time. It is valid until the next call. */
  delayed(us: number): Comment {
    const bytes = this.#delayedBytes;
    let left = Math.round(us);
    for (let place = 0; place < MS_WIDTH; place++) {
      const at = DELAYED.length + MS_WIDTH - 1 - place;
      if (place === 3) bytes[at] = POINT;
      // Leading zeros are spaces, but for the one before the point.
      else if (left === 0 && place > 4) bytes[at] = SPACE;
      else {
        bytes[at] = ZERO + left % 10;
        left = Math.floor(left / 10);
      }
    }
    return this.#delayed;
  }
}

const [SPACE, POINT, ZERO] = [0x20, 0x2e, 0x30];
