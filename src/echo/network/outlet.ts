import { type PacketSender, SENT } from "../../wintun/device.ts";
import { OUT_REPLY, OUT_REQUEST } from "../capture/tap.ts";
import { DROPPED, REPLIED, REPLIED_BYTES } from "../counters.ts";
import type { NetworkComments } from "./comments.ts";
import type { DelayQueue } from "./delay_queue.ts";
import type { NetworkRecorder } from "./network_recorder.ts";
import type { Place } from "./places.ts";
import { type Random, RANDOM_RANGE } from "./random.ts";
import { TOTAL } from "./statistics.ts";

/** What became of a packet. */
export type Passage = number;
/** It was sent, or waits to be sent. */
export const PASSED = 0;
/** The link lost it on purpose. */
export const LOST = 1;
/** It found no room in the queue. */
export const QUEUE_FULL = 2;
/** It found no room in the send ring. */
export const RING_FULL = 3;

/** After this number of packets that were due, received ones get a turn. */
const MOST_SENT_AT_ONCE = 1024;

// Marks of a packet, which may be combined.
/** It is the network's own ping, and no reply. */
export const PING = 1;
const DUPLICATE = 2;
const AHEAD = 4;

/** The memory of the network's own packets, and of those that wait. */
export interface OwnMemory {
  readonly bytes: Uint8Array;
  /** The same as 32-bit words. */
  readonly words: Int32Array;
  readonly queue: DelayQueue;
}

/** How packets leave. The packets of `reply` and `copy` are in the device's memory. */
export interface Exit {
  readonly sendOwn: PacketSender;
  readonly reply: PacketSender;
  /** Copies `size` bytes at `offset` of the device's memory to `at` of the own memory. */
  copy(this: void, offset: number, size: number, at: number): void;
  readonly recorder: NetworkRecorder | null;
}

/** What the outlets of one network share. */
export interface OutletState {
  readonly own: OwnMemory;
  readonly random: Random;
  /** One element: the time in microseconds of the network's clock. */
  readonly nowUs: Float64Array;
  /** See counters.ts. */
  readonly counters: Float64Array;
  /** The number of replies in `counters` after which no packet leaves. */
  readonly replyLimit: number;
  /** See `TOTAL` in statistics.ts. */
  readonly totals: Float64Array;
  readonly comments: NetworkComments;
}

/** Sends packets over the link, and those that have waited long enough. */
export interface Outlet {
  /**
   * Sends the packet of `size` bytes at byte `at`.
   *
   * @param isOwn Whether it is in the own memory, and not in the device's.
   * @param place The link that it passes.
   * @param links The number of links that it passes, 1 and more.
   * @param mark `PING` or 0.
   */
  pass(isOwn: boolean, at: number, size: number, place: Place, links: number, mark: number): Passage;
  /** Sends the packets that are due, at most `MOST_SENT_AT_ONCE`. */
  sendDue(): void;
}

/**
 * Makes the outlet. It does with each packet what Linux' netem does (sch_netem.c), in this order: duplicate, loss,
 * reorder, delay with jitter, rate. A duplicate may be lost again. The rate counts from the time when the link has sent what
 * it was given before.
 */
export function createOutlet(state: OutletState, exit: Exit): Outlet {
  const { own: { words, bytes, queue }, random, nowUs, counters, replyLimit, totals, comments } = state;
  const { sendOwn, reply, copy, recorder } = exit;

  const count = (mark: number, size: number): void => {
    if ((mark & AHEAD) !== 0) totals[TOTAL.reordered]++;
    if ((mark & DUPLICATE) !== 0) totals[TOTAL.duplicated]++;
    else if ((mark & PING) === 0) {
      counters[REPLIED]++;
      counters[REPLIED_BYTES] += size;
    }
  };

  /** One element, since a fraction that is passed as a value is a heap object. */
  const waitedUs = new Float64Array(1);

  const record = (
    recorder: NetworkRecorder,
    isOwn: boolean,
    at: number,
    size: number,
    mark: number,
  ): void => {
    const onPurpose = (mark & DUPLICATE) !== 0
      ? comments.duplicate
      : (mark & AHEAD) !== 0
      ? comments.ahead
      : undefined;
    const delayed = waitedUs[0] > 0 ? comments.delayed(waitedUs[0]) : undefined;
    recorder.sent(
      isOwn ? words : undefined,
      at,
      size,
      (mark & PING) === 0 ? OUT_REPLY : OUT_REQUEST,
      onPurpose ?? delayed,
      onPurpose === undefined ? undefined : delayed,
    );
  };

  const send = (isOwn: boolean, at: number, size: number, mark: number): Passage => {
    if ((isOwn ? sendOwn(at, size) : reply(at, size)) !== SENT) {
      counters[DROPPED]++;
      return RING_FULL;
    }
    count(mark, size);
    if (recorder !== null) record(recorder, isOwn, at, size, mark);
    return PASSED;
  };

  /** Lets a packet wait until `queue.dueUs`. */
  const enqueue = (isOwn: boolean, at: number, size: number, mark: number): Passage => {
    const target = queue.reserve(size);
    if (target < 0) {
      totals[TOTAL.queueFull]++;
      counters[DROPPED]++;
      return QUEUE_FULL;
    }
    if (isOwn) bytes.copyWithin(target, at, at + size);
    else copy(at, size, target);
    queue.add(mark);
    totals[TOTAL.delayed]++;
    totals[TOTAL.waiting]++;
    return PASSED;
  };

  /** Sends a packet that is not lost, now or later. */
  const delay = (
    isOwn: boolean,
    at: number,
    size: number,
    place: Place,
    distance: number,
    mark: number,
  ): Passage => {
    const { link, busyUntilUs } = place;
    if (link.reorder > 0 && random() < link.reorder) return send(isOwn, at, size, mark | AHEAD);
    const jitterUs = link.jitterUs[distance];
    let delayUs = link.delayUs[distance];
    if (jitterUs > 0) delayUs += Math.round(2 * jitterUs * (random() / RANDOM_RANGE)) - jitterUs;
    let dueUs = nowUs[0] + Math.max(0, delayUs);
    if (link.usPerByte > 0) {
      dueUs = Math.max(dueUs, busyUntilUs[0]) + size * link.usPerByte;
    }
    if (dueUs <= nowUs[0]) return send(isOwn, at, size, mark);
    queue.dueUs[0] = dueUs;
    const passage = enqueue(isOwn, at, size, mark);
    // What is dropped takes no time of the link.
    if (link.usPerByte > 0 && passage === PASSED) busyUntilUs[0] = dueUs;
    return passage;
  };

  return {
    pass(isOwn: boolean, at: number, size: number, place: Place, links: number, mark: number): Passage {
      const { link } = place;
      if (link.isPerfect) return send(isOwn, at, size, mark);
      const distance = Math.min(links, link.loss.length - 1);
      const loss = link.loss[distance];
      const isTwice = link.duplicate > 0 && random() < link.duplicate;
      const isLost = loss > 0 && random() < loss;
      if (isLost && !isTwice) {
        totals[TOTAL.lost]++;
        return LOST;
      }
      // If one of two is lost, the other is sent.
      if (isTwice && !isLost && !(loss > 0 && random() < loss)) {
        delay(isOwn, at, size, place, distance, mark | DUPLICATE);
      }
      return delay(isOwn, at, size, place, distance, mark);
    },
    sendDue(): void {
      for (let left = MOST_SENT_AT_ONCE; left > 0 && queue.hasDue(); left--) {
        if (counters[REPLIED] >= replyLimit) break;
        const at = queue.take();
        totals[TOTAL.waiting]--;
        waitedUs[0] = nowUs[0] - queue.takenSinceUs[0];
        send(true, at, queue.taken.size, queue.taken.mark);
      }
      waitedUs[0] = 0;
    },
  };
}
