import { type Packets, SENT } from "../wintun/device.ts";
import { Recorder } from "./capture/recorder.ts";
import { IN_DROPPED, IN_HELD, IN_IGNORED, IN_MALFORMED, IN_REPLY, type Tap } from "./capture/tap.ts";
import {
  DROPPED,
  IGNORED as IGNORED_SLOT,
  MALFORMED as MALFORMED_SLOT,
  RECEIVED,
  RECEIVED_BYTES,
  REPLIED,
  REPLIED_BYTES,
} from "./counters.ts";
import { RUSH_PACKETS } from "./responder/checksum.ts";
import { createFragments } from "./responder/fragments.ts";
import type { ResponderOptions } from "./responder/options.ts";
import { createResponder, packetWords } from "./responder/responder.ts";
import { HELD, IGNORED, type Verdict } from "./responder/verdict.ts";

/**
 * The highest number of packets in a batch. After each batch, the counters are updated and the stop event is polled: often
 * enough to end within a millisecond, and rarely enough to cost nothing.
 */
export const BATCH_PACKETS = 1024;

/** The inner functions of the echo loop. */
export interface Batch {
  /**
   * Answers the received packet at `offset` and the packets that follow it, at most `BATCH_PACKETS` in all and with at
   * most `repliesLeft` replies (1 and more, or `Infinity`). Adds them to the counters. Returns `EMPTY`, `ENDED` or
   * `CORRUPT` if `receive()` returned that, otherwise a number from 0 on.
   */
  answer(this: void, offset: number, repliesLeft: number): number;
  /** Counts the fragments that still wait for their first one as ignored. No batch may follow. */
  end(this: void): void;
}

/**
 * Makes the inner functions of the echo loop. They are written for V8:
 *
 * - `answer` is called once a batch, because V8 compiles a function best that is called often.
 * - It counts in a few local variables, which lie on the stack, and not in the counters' shared memory.
 * - Everything else that it uses is a constant of the closure. V8 puts these into the code, but loads and checks a field
 *   or an import at every use.
 * - Rare work is in separate functions, so that it costs the rest nothing.
 *
 * @param packets The packets of the device.
 * @param counters See counters.ts.
 * @param taps Record every packet as it came and every reply as it was sent.
 * @throws {RangeError} If the memory of `packets` is not aligned to 4 bytes.
 */
export function createBatch(
  packets: Packets,
  options: ResponderOptions,
  counters: Float64Array,
  taps: readonly Tap[],
): Batch {
  const { memory, receivedSize, receive, reply, release } = packets;
  let batchMs = 0;
  // The clock is read at most once a batch, and only if a packet needs the time.
  const nowMs = (): number => batchMs === 0 ? batchMs = Date.now() : batchMs;
  const fragments = createFragments(packetWords(memory), nowMs);
  const { held } = fragments;
  const heldWords = packetWords(held.memory);
  const sendHeld = packets.senderOf(held.memory);
  const verifies = Int32Array.of(1);
  const respond = createResponder(memory, options, { fragments, verifies, nowMs });
  // Not `undefined`: V8 takes that for a constant without a value yet, and checks it for every packet.
  const recorder = taps.length === 0 ? null : new Recorder(packets, taps);
  const sentStatus = SENT;

  // Since the last `count()`: packets that were not simply answered, and replies that were not sent by `answer`.
  let ignored = 0, malformed = 0, dropped = 0, otherReplies = 0, otherReplyBytes = 0, countedGivenUp = 0;

  const countReply = (size: number, isSent: boolean): void => {
    if (isSent) {
      otherReplies++;
      otherReplyBytes += size;
    } else dropped++;
  };

  /** Sends at most `most` of the fragments that have waited for the first fragment that was just answered. */
  const sendFollowers = (most: number): void => {
    for (let left = most; left > 0;) {
      const at = fragments.takeFollower();
      if (at < 0) return;
      const size = held.takenSize;
      const isSent = sendHeld(at, size) === SENT;
      countReply(size, isSent);
      if (!isSent) continue;
      left--;
      recorder?.sent(heldWords, at, size);
    }
  };

  /** Counts and records a packet that was not simply answered, and sends at most `mostReplies` (1 and more) replies to it. */
  const finish = (
    verdict: Verdict,
    offset: number,
    isBusy: boolean,
    mostReplies: number,
  ): void => {
    if (verdict < HELD) {
      const size = -verdict;
      const isSent = reply(offset, size) === SENT;
      countReply(size, isSent);
      recorder?.answered(isSent ? IN_REPLY : IN_DROPPED, offset, size, isBusy);
      sendFollowers(isSent ? mostReplies - 1 : mostReplies);
      return;
    }
    if (verdict > 0) dropped++;
    else if (verdict === IGNORED) ignored++;
    else if (verdict !== HELD) malformed++;
    recorder?.answered(kindOf(verdict), offset, 0, isBusy);
  };

  /** Adds the rare events to the counters. */
  const count = (): void => {
    ignored += held.givenUp - countedGivenUp;
    countedGivenUp = held.givenUp;
    counters[IGNORED_SLOT] += ignored;
    counters[MALFORMED_SLOT] += malformed;
    counters[DROPPED] += dropped;
    counters[REPLIED] += otherReplies;
    counters[REPLIED_BYTES] += otherReplyBytes;
    ignored =
      malformed =
      dropped =
      otherReplies =
      otherReplyBytes =
        0;
  };

  return {
    answer(first: number, repliesLeft: number): number {
      let offset = first | 0;
      let most = Math.min(BATCH_PACKETS, repliesLeft) | 0;
      let received = 0, bytes = 0, repliedBytes = 0, unusual = 0;
      for (;;) {
        const size = receivedSize[0] | 0;
        bytes += size;
        if (recorder !== null) recorder.received(offset, size);
        const verdict = respond(offset, size);
        if (verdict > 0 && reply(offset, verdict) === sentStatus) {
          repliedBytes += verdict;
          if (recorder !== null) recorder.answered(IN_REPLY, offset, verdict, received > 0);
        } else {
          const repliesBefore = received - unusual;
          unusual++;
          finish(verdict, offset, received > 0, repliesLeft - repliesBefore - otherReplies);
          // Only such a packet can have more than one reply, so the limit is met exactly.
          most = Math.min(BATCH_PACKETS, received + 1 + repliesLeft - repliesBefore - otherReplies) | 0;
        }
        release(offset);

        if (++received >= most) break;
        offset = receive();
        if (offset < 0) break;
      }
      recorder?.flush();
      batchMs = 0;
      verifies[0] = received < RUSH_PACKETS ? 1 : 0;
      counters[RECEIVED] += received;
      counters[RECEIVED_BYTES] += bytes;
      counters[REPLIED] += received - unusual;
      counters[REPLIED_BYTES] += repliedBytes;
      // A first fragment that is answered may take the place of one whose later fragments are then given up.
      if (unusual > 0 || held.givenUp > countedGivenUp) count();
      return offset;
    },
    end(): void {
      ignored += held.count;
      count();
    },
  };
}

/** Returns the kind of the record of a packet that got no reply. */
function kindOf(verdict: Verdict): number {
  if (verdict > 0) return IN_DROPPED;
  if (verdict === IGNORED) return IN_IGNORED;
  return verdict === HELD ? IN_HELD : IN_MALFORMED;
}
