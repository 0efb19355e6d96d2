import { type Packets, SENT } from "../wintun/device.ts";
import {
  DROPPED,
  IGNORED as IGNORED_SLOT,
  MALFORMED as MALFORMED_SLOT,
  RECEIVED,
  RECEIVED_BYTES,
  REPLIED,
  REPLIED_BYTES,
} from "./counters.ts";
import { Recorder } from "./capture/recorder.ts";
import { IN_DROPPED, IN_IGNORED, IN_MALFORMED, IN_REPLY, type Tap } from "./capture/tap.ts";
import type { ResponderOptions } from "./responder/options.ts";
import { createResponder, IGNORED, REPLY, type Verdict } from "./responder/responder.ts";

/**
 * Answers the received packet at `offset`, then what else there is, at most `most` packets in all (1 to 1024), and adds
 * them to the counters. Returns `EMPTY`, `ENDED` or `CORRUPT` if `receive()` gave that, and a number from 0 on after `most`
 * packets.
 */
export type Batch = (offset: number, most: number) => number;

/**
 * Makes the function that the echo loop spends its time in. It is called again and again because V8 compiles best what
 * is called; it counts in few variables of its own because these are the stack's, not the counters' shared memory; and
 * all else it uses are constants of the closure, which V8 puts into the code, where it would load and check a field or an
 * import at every use.
 *
 * @param counters See counters.ts.
 * @param taps Are shown every packet as it came and every reply as it was sent.
 */
export function createBatch(
  packets: Packets,
  options: ResponderOptions,
  counters: Float64Array,
  taps: readonly Tap[],
): Batch {
  const { receivedSize, receive, reply, release } = packets;
  const respond = createResponder(packets.memory, options);
  // Not `undefined`: V8 takes that for a constant that may still get its value, and looks at it for every packet.
  const recorder = taps.length === 0 ? null : new Recorder(packets, taps);
  const [replyVerdict, ignoredVerdict, sentStatus] = [REPLY, IGNORED, SENT];

  return (first, most) => {
    let offset = first | 0;
    let left = most | 0;
    let bytes = 0, dropped = 0, ignored = 0, malformed = 0, unrepliedBytes = 0;
    for (;;) {
      const size = receivedSize[0] | 0;
      bytes += size;
      if (recorder !== null) recorder.received(offset, size);
      const verdict = respond(offset, size);
      const sent = verdict === replyVerdict && reply(offset, size) === sentStatus;
      if (!sent) {
        unrepliedBytes += size;
        if (verdict === replyVerdict) dropped++;
        else if (verdict === ignoredVerdict) ignored++;
        else malformed++;
      }
      if (recorder !== null) recorder.answered(kindOf(verdict, sent), offset, size, left < most);
      release(offset);

      if (--left === 0) break;
      offset = receive();
      if (offset < 0) break;
    }
    recorder?.flush();
    const received = most - left;
    const replied = received - dropped - ignored - malformed;
    counters[RECEIVED] += received;
    counters[RECEIVED_BYTES] += bytes;
    counters[REPLIED] += replied;
    counters[REPLIED_BYTES] += bytes - unrepliedBytes;
    counters[IGNORED_SLOT] += ignored;
    counters[MALFORMED_SLOT] += malformed;
    counters[DROPPED] += dropped;
    return offset;
  };
}

function kindOf(verdict: Verdict, sent: boolean): number {
  if (verdict === REPLY) return sent ? IN_REPLY : IN_DROPPED;
  return verdict === IGNORED ? IN_IGNORED : IN_MALFORMED;
}
