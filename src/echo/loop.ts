import { type Device, EMPTY, ENDED, SENT, STOPPED } from "../tun/device.ts";
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
import { createResponder, IGNORED, REPLY, type Responder, type ResponderOptions } from "./responder.ts";
import { IN_DROPPED, IN_IGNORED, IN_MALFORMED, IN_REPLY, OUT_REPLY, type TapWriter } from "./tap.ts";

/** Waits without end. */
const FOREVER = 0xFFFF_FFFF;

/** Under load the stop event is looked at once in so many packets: often enough to end within a millisecond. */
const PACKETS_PER_STOP_CHECK = 1024;

/** How often an empty ring is asked again before the thread waits, while there is load: about 12 µs. */
const SPIN_TRIES = 500;

/** Why the loop ended: `stop()`, the reply limit, the adapter's removal, a corrupt receive ring. */
export type EchoEnd = "stopped" | "limit" | "ended" | "corrupt";

export interface LoopOptions extends ResponderOptions {
  /** Ends the loop after so many replies. */
  readonly replyLimit?: number;
}

/**
 * Answers what arrives until there is a reason to end. Blocks its thread; allocates nothing per packet.
 * @param counters See counters.ts; the loop adds to them.
 * @param tap Sees every packet as it came and every reply as it was sent.
 */
export function runEcho(
  device: Device,
  options: LoopOptions,
  counters: Float64Array,
  tap: TapWriter | undefined,
): EchoEnd {
  const load = new LoadMeter();
  const replyLimit = counters[REPLIED] + (options.replyLimit ?? Infinity);
  let respond: Responder | undefined;
  let untilStopCheck = PACKETS_PER_STOP_CHECK;
  let spins = 0;

  for (;;) {
    const offset = device.receive();
    if (offset < 0) {
      if (offset !== EMPTY) return offset === ENDED ? "ended" : "corrupt";
      if (spins > 0) {
        spins--;
      } else {
        if (device.wait(FOREVER) === STOPPED) return "stopped";
        spins = load.isHigh(counters[RECEIVED_BYTES]) ? SPIN_TRIES : 0;
      }
      continue;
    }
    const size = device.receivedSize;
    // The memory is known from the first packet on.
    respond ??= createResponder(device.memory, options);

    const record = tap === undefined ? -1 : tap.begin(offset, size);
    const verdict = respond(offset, size);
    let kind = IN_REPLY;
    counters[RECEIVED]++;
    counters[RECEIVED_BYTES] += size;
    if (verdict === REPLY) {
      if (device.reply(offset, size) === SENT) {
        counters[REPLIED]++;
        counters[REPLIED_BYTES] += size;
      } else {
        counters[DROPPED]++;
        kind = IN_DROPPED;
      }
    } else if (verdict === IGNORED) {
      counters[IGNORED_SLOT]++;
      kind = IN_IGNORED;
    } else {
      counters[MALFORMED_SLOT]++;
      kind = IN_MALFORMED;
    }
    if (tap !== undefined) recordOutcome(tap, record, kind, offset, size, counters);
    device.release(offset);

    if (counters[REPLIED] >= replyLimit) return "limit";
    if (--untilStopCheck === 0) {
      untilStopCheck = PACKETS_PER_STOP_CHECK;
      if (device.wait(0) === STOPPED) return "stopped";
    }
  }
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
