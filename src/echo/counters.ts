// Slots of the shared counters: 64-bit floats, which are exact up to 2^53, aligned, and written without a heap object.
export const RECEIVED = 0;
export const RECEIVED_BYTES = 1;
export const REPLIED = 2;
export const REPLIED_BYTES = 3;
export const IGNORED = 4;
export const MALFORMED = 5;
export const DROPPED = 6;
const SLOTS = 7;

/** The totals of one echo run. */
export interface Counters {
  readonly received: number;
  readonly receivedBytes: number;
  readonly replied: number;
  readonly repliedBytes: number;
  /** Well-formed packets that echo does not answer. */
  readonly ignored: number;
  /** Packets that are no well-formed IP packets, or have a wrong length or checksum. */
  readonly malformed: number;
  /** Replies that found the send ring full. */
  readonly dropped: number;
}

/** Makes counters, all 0. One thread, which reads the device, writes them, and any thread reads them. */
export function createCounters(): Float64Array<SharedArrayBuffer> {
  return new Float64Array(new SharedArrayBuffer(SLOTS * Float64Array.BYTES_PER_ELEMENT));
}

/** Returns the totals as they are now. Each is consistent in itself, but they may be a packet apart. */
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
