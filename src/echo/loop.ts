import { type Device, EMPTY, ENDED, type Packets, SENT, STOPPED } from "../tun/device.ts";
import {
  DROPPED,
  IGNORED as IGNORED_SLOT,
  MALFORMED as MALFORMED_SLOT,
  RECEIVED,
  RECEIVED_BYTES,
  REPLIED,
  REPLIED_BYTES,
  TAP_MISSED,
} from "./counters.ts";
import { LoadMeter } from "./load_meter.ts";
import { createResponder, IGNORED, REPLY, type ResponderOptions } from "./responder.ts";
import { IN_DROPPED, IN_IGNORED, IN_MALFORMED, IN_REPLY, OUT_REPLY, type Tap, TapWriter } from "./tap.ts";

/** Waits without end. */
const FOREVER = 0xFFFF_FFFF;

/**
 * After so many packets the counters are brought up to date and the stop event is looked at: often enough to end within
 * a millisecond, and rarely enough to cost nothing.
 */
const BATCH_PACKETS = 1024;

/** How often an empty ring is asked again before the thread waits, while there is load: about 12 µs. */
const SPIN_TRIES = 500;

/** Why the loop ended: `stop()`, the reply limit, the adapter's removal, a corrupt receive ring. */
export type EchoEnd = "stopped" | "limit" | "ended" | "corrupt";

export interface LoopOptions extends ResponderOptions {
  /** Ends the loop after so many replies. */
  readonly replyLimit?: number;
  /** How often an empty ring is asked again before the thread waits, under load (see LoadMeter): 500 unless told. */
  readonly spinTries?: number;
}

/**
 * Answers what arrives until there is a reason to end. Blocks its thread; allocates nothing per packet.
 * @param counters See counters.ts; the loop adds to them at least every 1024 packets, and before it waits.
 * @param tap Is shown every packet as it came and every reply as it was sent.
 */
export function runEcho(
  device: Device,
  options: LoopOptions,
  counters: Float64Array,
  tap: Tap | undefined,
): EchoEnd {
  const replyLimit = counters[REPLIED] + (options.replyLimit ?? Infinity);
  const { spinTries = SPIN_TRIES } = options;
  const load = new LoadMeter();
  let offset = device.receiveFirst();
  while (offset === EMPTY) {
    if (device.wait(FOREVER) === STOPPED) return "stopped";
    offset = device.receiveFirst();
  }
  if (offset < 0) return endOf(offset);

  const { packets } = device;
  const answerBatch = createBatch(packets, options, counters, tap);
  for (let spins = 0;;) {
    if (offset >= 0) {
      // No batch gives more replies than it has packets, so the limit is met exactly.
      offset = answerBatch(offset, Math.min(BATCH_PACKETS, replyLimit - counters[REPLIED]));
      if (counters[REPLIED] >= replyLimit) return "limit";
    }
    if (offset < EMPTY) return endOf(offset);
    if (offset === EMPTY && spins > 0) {
      spins--;
    } else {
      if (device.wait(offset === EMPTY ? FOREVER : 0) === STOPPED) return "stopped";
      spins = load.isHigh(counters[RECEIVED_BYTES]) ? spinTries : 0;
    }
    offset = packets.receive();
  }
}

/** Answers the received packet at `offset` and those behind it, `most` in all: what `receive()` gave last. */
type Batch = (offset: number, most: number) => number;

/**
 * Makes the function that the thread spends its time in. It is called again and again, because V8 optimizes what is
 * called; it counts in variables of its own, because V8 keeps these in registers.
 */
function createBatch(
  packets: Packets,
  options: LoopOptions,
  counters: Float64Array,
  tapOptions: Tap | undefined,
): Batch {
  const { receivedSize, receive, reply, release } = packets;
  const respond = createResponder(packets.memory, options);
  const tap = tapOptions && new TapWriter(packets, tapOptions.memory, tapOptions.snapLength);

  return (first, most) => {
    let offset = first;
    let left = most;
    let replied = 0, repliedBytes = 0, dropped = 0, ignored = 0, malformed = 0, otherBytes = 0;
    for (;;) {
      const size = receivedSize[0] | 0;
      const record = tap === undefined ? -1 : tap.begin(offset, size);
      const verdict = respond(offset, size);
      let kind = IN_REPLY;
      if (verdict === REPLY) {
        if (reply(offset, size) === SENT) {
          replied++;
          repliedBytes += size;
        } else {
          kind = IN_DROPPED;
          dropped++;
          otherBytes += size;
        }
      } else {
        otherBytes += size;
        if (verdict === IGNORED) {
          kind = IN_IGNORED;
          ignored++;
        } else {
          kind = IN_MALFORMED;
          malformed++;
        }
      }
      if (tap !== undefined) recordOutcome(tap, record, kind, offset, size, counters);
      release(offset);

      if (--left === 0) break;
      offset = receive();
      if (offset < 0) break;
    }
    counters[RECEIVED] += replied + dropped + ignored + malformed;
    counters[RECEIVED_BYTES] += repliedBytes + otherBytes;
    counters[REPLIED] += replied;
    counters[REPLIED_BYTES] += repliedBytes;
    counters[IGNORED_SLOT] += ignored;
    counters[MALFORMED_SLOT] += malformed;
    counters[DROPPED] += dropped;
    return offset;
  };
}

/** Completes the record of a received packet, and adds that of its reply. */
function recordOutcome(
  tap: TapWriter,
  record: number,
  kind: number,
  offset: number,
  size: number,
  counters: Float64Array,
): void {
  if (record < 0) counters[TAP_MISSED]++;
  else tap.commit(record, kind);
  if (kind !== IN_REPLY) return;
  const reply = tap.begin(offset, size);
  if (reply < 0) counters[TAP_MISSED]++;
  else tap.commit(reply, OUT_REPLY);
}

function endOf(status: number): EchoEnd {
  return status === ENDED ? "ended" : "corrupt";
}
