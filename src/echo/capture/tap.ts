import { INTERFACE_WORD, TIMESTAMP_WORD } from "../../wire/pcapng.ts";

/** A tap as its writer needs it. */
export interface Tap {
  /** Made by `createTapMemory()`. */
  readonly memory: SharedArrayBuffer;
  /** The highest number of bytes of a packet that are recorded. */
  readonly snapLength: number;
}

/** The direction of a tapped packet: `in` was received, `out` was sent. */
export type Direction = "in" | "out";

/**
 * The result of echo for a received packet; `lost` if the network lost the reply on purpose. `request` is a ping that the
 * network sent, and `answer` the reply to it.
 */
export type TapVerdict =
  | "reply"
  | "ignored"
  | "malformed"
  | "dropped"
  | "held"
  | "lost"
  | "request"
  | "answer";

/** One packet as the log sees it. */
export interface TappedPacket {
  /** Nanoseconds since 1970-01-01 UTC, in steps of 100. */
  readonly timeNs: bigint;
  readonly direction: Direction;
  /** `reply` for a sent reply. */
  readonly verdict: TapVerdict;
  /** The size of the whole packet in bytes. */
  readonly length: number;
  /** The packet, cut at the snap length. Valid during the visit only. */
  readonly bytes: Uint8Array;
}

// Kinds of records: direction and verdict in one number.
export const IN_REPLY = 0;
export const IN_IGNORED = 1;
export const IN_MALFORMED = 2;
export const IN_DROPPED = 3;
export const OUT_REPLY = 4;
export const IN_HELD = 5;
export const IN_LOST = 6;
export const OUT_REQUEST = 7;
export const IN_ANSWER = 8;

/** Returns whether records of this kind are of packets that were sent. */
export function isOutbound(kind: number): boolean {
  return kind === OUT_REPLY || kind === OUT_REQUEST;
}

/*
 * A tap is a ring of enhanced packet blocks, as a capture has them. A capture writes them to its file straight from the
 * ring, because one more copy of every packet would cost more than everything else. Until the reader takes a block, two
 * of its fields hold other values. They are in host byte order, because both ends are threads of one process.
 */
/** Holds the kind of the record, until it holds the number of the interface. */
export const KIND_WORD = INTERFACE_WORD;
/** Holds a FILETIME (100 ns since 1601-01-01 UTC, low half first), until it holds nanoseconds since 1970. */
export const FILETIME_WORD = TIMESTAMP_WORD;

/** In the place of a block's type: the next record is at `RECORDS_START`. */
export const WRAP = 0;

// The layout of the memory: the reader's position; in another cache line, the writer's position and count; the records.
export const HEAD_WORD = 0;
export const TAIL_WORD = 16;
/** A 64-bit float, as in counters.ts: the number of packets that found no room since the tap was made. */
export const MISSED_FLOAT = 9;
/** The byte index of the first record. */
export const RECORDS_START = 128;

/**
 * Makes the memory of a tap: a ring that one thread writes and one other thread reads. A writer may follow another.
 *
 * @param capacityBytes The room for records, in bytes.
 */
export function createTapMemory(capacityBytes: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(RECORDS_START + Math.ceil(capacityBytes / 4) * 4);
  const words = new Int32Array(memory);
  words[HEAD_WORD] = RECORDS_START;
  words[TAIL_WORD] = RECORDS_START;
  return memory;
}

/** Returns a view of the floats ahead of the records. */
export function tapTotals(memory: SharedArrayBuffer): Float64Array {
  return new Float64Array(memory, 0, RECORDS_START / Float64Array.BYTES_PER_ELEMENT);
}
