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
 * Most packets of a batch: after so many the counters are brought up to date and the stop event is looked at, often enough
 * to end within a millisecond, and rarely enough to cost nothing.
 */
export const BATCH_PACKETS = 1024;

/** What the echo loop spends its time in. */
export interface Batch {
  /**
   * Answers the received packet at `offset`, then what else there is, at most `BATCH_PACKETS` in all and with at most
   * `repliesLeft` replies (1 and more), and adds them to the counters. Returns `EMPTY`, `ENDED` or `CORRUPT` if
   * `receive()` gave that, otherwise a number from 0 on.
   */
  answer(this: void, offset: number, repliesLeft: number): number;
  /** Counts the fragments that still wait for their first one as ignored: it will not come any more. */
  end(this: void): void;
}

/**
 * Makes the functions of the echo loop. `answer` is called again and again because V8 compiles best what is called; it
 * counts in few variables of its own because these are the stack's, not the counters' shared memory; and all else it uses
 * are constants of the closure, which V8 puts into the code, where it would load and check a field or an import at every
 * use. What is rare is in functions of its own, so that it costs the rest nothing.
 *
 * @param counters See counters.ts.
 * @param taps Are shown every packet as it came and every reply as it was sent.
 * @param nowMs Gives the time in milliseconds since 1970-01-01 UTC. Asked once a batch at most, and only if a packet needs
 *   it.
 */
export function createBatch(
  packets: Packets,
  options: ResponderOptions,
  counters: Float64Array,
  taps: readonly Tap[],
  nowMs: () => number = () => Date.now(),
): Batch {
  const { memory, receivedSize, receive, reply, release } = packets;
  let batchMs = 0;
  const batchNowMs = (): number => batchMs === 0 ? batchMs = nowMs() : batchMs;
  const fragments = createFragments(packetWords(memory), batchNowMs);
  const { held } = fragments;
  const sendHeld = packets.senderOf(held.memory);
  const verifies = Int32Array.of(1);
  const respond = createResponder(memory, options, { fragments, verifies, nowMs: batchNowMs });
  // Not `undefined`: V8 takes that for a constant that may still get its value, and looks at it for every packet.
  const recorder = taps.length === 0 ? null : new Recorder(packets, taps);
  const sentStatus = SENT;

  // What became of packets that were not simply answered, and replies that were sent after others, since last counted.
  let ignored = 0, malformed = 0, dropped = 0, otherReplies = 0, otherReplyBytes = 0, countedGivenUp = 0;

  const countReply = (size: number, isSent: boolean): void => {
    if (isSent) {
      otherReplies++;
      otherReplyBytes += size;
    } else dropped++;
  };

  /** Sends what has waited for the first fragment that was just answered, at most `most` packets. */
  const sendFollowers = (most: number): void => {
    for (let left = most; left > 0;) {
      const at = fragments.takeFollower();
      if (at < 0) return;
      const size = held.takenSize;
      const isSent = sendHeld(at, size) === SENT;
      countReply(size, isSent);
      if (!isSent) continue;
      left--;
      recorder?.sent(held.memory, at, size);
    }
  };

  /** Does what a packet needs that was not simply answered. It may get `mostReplies` replies, 1 and more. */
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
          // No packet but this one can give more than one reply, so the limit is met exactly.
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
      if (unusual > 0) count();
      return offset;
    },
    end(): void {
      ignored += held.count;
      count();
    },
  };
}

/** What a tap shows of a packet that got no reply. */
function kindOf(verdict: Verdict): number {
  if (verdict > 0) return IN_DROPPED;
  if (verdict === IGNORED) return IN_IGNORED;
  return verdict === HELD ? IN_HELD : IN_MALFORMED;
}
