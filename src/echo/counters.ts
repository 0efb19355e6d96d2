// Slots of the shared counters. 64-bit floats: exact to 2^53, aligned, and written without a heap object.
export const RECEIVED = 0;
export const RECEIVED_BYTES = 1;
export const REPLIED = 2;
export const REPLIED_BYTES = 3;
export const IGNORED = 4;
export const MALFORMED = 5;
export const DROPPED = 6;
const SLOTS = 7;

/** Totals of one echo run. */
export interface Counters {
  readonly received: number;
  readonly receivedBytes: number;
  readonly replied: number;
  readonly repliedBytes: number;
  /** Well-formed, but nothing that echo answers. */
  readonly ignored: number;
  /** Not a packet that could be read. */
  readonly malformed: number;
  /** Replies that found the send ring full. */
  readonly dropped: number;
}

/** Counters that the reading thread writes and any thread reads. */
export function createCounters(): Float64Array<SharedArrayBuffer> {
  return new Float64Array(new SharedArrayBuffer(SLOTS * Float64Array.BYTES_PER_ELEMENT));
}

/** The totals as they are now; each is whole, but they may be a packet apart. */
export function readCounters(slots: Float64Array): Counters {
  return {
    received: slots[RECEIVED],
    receivedBytes: slots[RECEIVED_BYTES],
    replied: slots[REPLIED],
    repliedBytes: slots[REPLIED_BYTES],
    ignored: slots[IGNORED],
    malformed: slots[MALFORMED],
    dropped: slots[DROPPED],
  };
}
