// What a device returns: small numbers, because the hot path compares them.

/** Reading: nothing to read now; wait. */
export const EMPTY = -1;
/** Reading: the adapter is being removed (ERROR_HANDLE_EOF, 38). Final for this session. */
export const ENDED = -2;
/** Reading: the receive ring is corrupt (ERROR_INVALID_DATA, 13). Final; a new session helps. */
export const CORRUPT = -3;

/** Replying: the packet is in the send ring. */
export const SENT = 0;
/** Replying: the send ring is full (ERROR_BUFFER_OVERFLOW, 111); nothing was sent. */
export const FULL = 1;
/** Replying: the adapter is being removed (ERROR_HANDLE_EOF, 38); nothing was sent. */
export const CLOSED = 2;

/** Waiting: there may be packets to read. */
export const READABLE = 0;
/** Waiting: the session's owner called `stop()`. */
export const STOPPED = 1;
/** Waiting: the time is over. */
export const TIMED_OUT = 2;

/**
 * One open packet session, seen from the thread that reads it. Only one thread may use a device.
 *
 * @example Send each packet back as it came
 * ```ts
 * const TIMEOUT_MS = 1000;
 *
 * function reflect(device: Device): void {
 *   let offset = device.receiveFirst();
 *   while (offset === EMPTY && device.wait(TIMEOUT_MS) !== STOPPED) offset = device.receiveFirst();
 *   while (offset >= 0) {
 *     const { receivedSize, reply, release, receive } = device.packets;
 *     reply(offset, receivedSize[0]);
 *     release(offset);
 *     do offset = receive(); while (offset === EMPTY && device.wait(TIMEOUT_MS) !== STOPPED);
 *   }
 * }
 * ```
 */
export interface Device extends Disposable {
  /**
   * Takes the first packet: its offset as from `Packets.receive()`, or `EMPTY`, `ENDED` or `CORRUPT`. Where packets lie
   * shows only then. From success on, packets are taken by `packets` alone.
   */
  receiveFirst(): number;
  /** What moves packets: the same object from the first packet until `close()`. */
  readonly packets: Packets;
  /** Blocks this thread until there may be packets, `stop()`, or `timeoutMs` (0 polls): `READABLE`, `STOPPED`, `TIMED_OUT`. */
  wait(timeoutMs: number): number;
  /** Detaches from the session, which stays open for its owner. Idempotent. */
  close(): void;
}

/**
 * The packets of a device, as offsets into `memory`, never objects: the hot path allocates nothing. A received packet
 * belongs to the caller, who may change it in place, until it is released.
 *
 * These are functions that need no `this`, so that a caller can keep each as a constant, the fastest thing to call.
 */
export interface Packets {
  /** The memory that received packets lie in. */
  readonly memory: Uint8Array;
  /** One element: the size in bytes, 0 to 65535, of the packet that was received last. */
  readonly receivedSize: Uint32Array;
  /** Takes the next packet: its offset in `memory` (a multiple of 4), or `EMPTY`, `ENDED` or `CORRUPT`. */
  receive(this: void): number;
  /** Copies `size` bytes at `offset` (a received packet) into the send ring: `SENT`, `FULL` or `CLOSED`. Never blocks. */
  reply(this: void, offset: number, size: number): number;
  /** Gives a received packet's memory back. Every received packet is released once. */
  release(this: void, offset: number): void;
  /** Makes the functions that copy packets into `target`, which the caller keeps alive. */
  copierTo(this: void, target: Uint8Array): PacketCopier;
  /** Makes the function that sends packets which lie in `source`. The caller keeps that alive. */
  senderOf(this: void, source: Uint8Array): PacketSender;
}

/** Copies `size` bytes at `at` of its source into the send ring: `SENT`, `FULL` or `CLOSED`. Never blocks. */
export type PacketSender = (this: void, at: number, size: number) => number;

/** Copies packets into one buffer. */
export interface PacketCopier {
  /** Copies `size` bytes at `offset` of the packets' memory to `at` in the target. */
  copy(this: void, offset: number, size: number, at: number): void;
  /** Writes the time now to `at` (a multiple of 4) in the target: a FILETIME, 100 ns since 1601-01-01 UTC, u64. */
  stamp(this: void, at: number): void;
}
