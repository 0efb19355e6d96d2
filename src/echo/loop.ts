import { type Device, EMPTY, ENDED, STOPPED } from "../wintun/device.ts";
import { type Batch, BATCH_PACKETS, createBatch } from "./batch.ts";
import { RECEIVED, RECEIVED_BYTES, REPLIED } from "./counters.ts";
import { LoadMeter } from "./load_meter.ts";
import type { ResponderOptions } from "./responder/options.ts";
import type { Tap } from "./capture/tap.ts";

/** INFINITE of the Windows API: a wait without a time limit. */
export const FOREVER = 0xFFFF_FFFF;

/** How often an empty ring is polled before the thread waits, while there is load: for about 12 µs. */
export const SPIN_TRIES = 500;

/**
 * How long the session stays open after the last reply of a limit. The end of a session drops the packets that the driver
 * has not yet taken from the send ring, and wintun.h has no function that reports these. The driver takes a packet within
 * microseconds, unless no processor is free for it.
 */
const LINGER_MS = 50;

/** The reason why the loop ended: `stop()`, the reply limit, the removal of the adapter, a corrupt receive ring. */
export type EchoEnd = "stopped" | "limit" | "ended" | "corrupt";

/** The options of an echo loop. */
export interface LoopOptions extends ResponderOptions {
  /** The number of replies, 1 or more, after which the loop ends; absent: no limit. */
  readonly replyLimit?: number;
  /** How often an empty ring is polled before the thread waits, under load (see LoadMeter); absent: 500. */
  readonly spinTries?: number;
}

/**
 * Answers packets until there is a reason to end, and returns that. It blocks its thread, allocates nothing per packet,
 * and does not close the device.
 *
 * @param counters See counters.ts. The loop adds to them at least every 1024 packets, and before it waits.
 * @param taps Record every packet as it came and every reply as it was sent.
 * @throws {RangeError} If the device's memory is not aligned to 4 bytes.
 * @throws The errors of `device`.
 */
export function runEcho(
  device: Device,
  options: LoopOptions,
  counters: Float64Array,
  taps: readonly Tap[],
): EchoEnd {
  const replyLimit = counters[REPLIED] + (options.replyLimit ?? Infinity);
  const { spinTries = SPIN_TRIES } = options;
  let offset = device.receiveFirst();
  while (offset === EMPTY) {
    if (device.wait(FOREVER) === STOPPED) return "stopped";
    offset = device.receiveFirst();
  }
  if (offset < 0) return endOf(offset);

  const batch = createBatch(device.packets, options, counters, taps);
  const end = answerAll(device, offset, batch, counters, replyLimit, spinTries);
  batch.end();
  return end;
}

/** Answers the packet at `first` and all packets that follow. */
function answerAll(
  device: Device,
  first: number,
  batch: Batch,
  counters: Float64Array,
  replyLimit: number,
  spinTries: number,
): EchoEnd {
  const { packets } = device;
  const answerBatch = batch.answer;
  const load = new LoadMeter();
  let offset = first;
  let receivedAtLook = counters[RECEIVED];
  let spins = 0;
  for (;;) {
    if (offset >= 0) {
      offset = answerBatch(offset, replyLimit - counters[REPLIED]);
      if (counters[REPLIED] >= replyLimit) {
        linger(device);
        return "limit";
      }
    }
    if (offset < EMPTY) return endOf(offset);
    const isEmpty = offset === EMPTY;
    if (isEmpty && spins > 0 && counters[RECEIVED] - receivedAtLook < BATCH_PACKETS) {
      spins--;
    } else {
      if (device.wait(isEmpty && spins === 0 ? FOREVER : 0) === STOPPED) return "stopped";
      receivedAtLook = counters[RECEIVED];
      spins = load.isHigh(counters[RECEIVED_BYTES]) ? spinTries : 0;
    }
    offset = packets.receive();
  }
}

/** Gives the driver time to take the last reply, unless `stop()` is called. Packets that come meanwhile stay unread. */
export function linger(device: Device): void {
  const end = performance.now() + LINGER_MS;
  for (let leftMs = LINGER_MS; leftMs > 0; leftMs = Math.ceil(end - performance.now())) {
    if (device.wait(leftMs) === STOPPED) return;
  }
}

/** Returns the end that a status below `EMPTY` stands for. */
export function endOf(status: number): EchoEnd {
  return status === ENDED ? "ended" : "corrupt";
}
