// Results of a device's functions. They are small numbers, because the hot path compares them.

/** Reading: there is no packet now; wait. */
export const EMPTY = -1;
/** Reading: the adapter is being removed (ERROR_HANDLE_EOF, 38). Final for this session. */
export const ENDED = -2;
/**
 * Reading: the receive ring is corrupt (ERROR_INVALID_DATA, 13). Final for this session; a new session can be started.
 */
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
/** Waiting: the timeout has passed. */
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
   * Takes the first packet. Returns its offset, as `Packets.receive()` does, or `EMPTY`, `ENDED` or `CORRUPT`. The
   * location of the rings is known only from the first packet on. After the first success, take packets only through
   * `packets`.
   * @throws {Error} for any other failure (on Windows a `Win32Error`).
   */
  receiveFirst(): number;
  /**
   * The functions that move packets: the same object from the first packet until `close()`. Do not read it before the
   * first packet or after `close()`.
   */
  readonly packets: Packets;
  /**
   * Blocks this thread until packets may be available, `stop()` is called, or `timeoutMs` has passed (0 polls). Returns
   * `READABLE`, `STOPPED` or `TIMED_OUT`.
   * @throws {Error} if the wait fails (on Windows a `Win32Error`).
   */
  wait(timeoutMs: number): number;
  /**
   * The same with a time limit in microseconds: a whole number, 1 to 2^31 - 1. It is kept to less than a millisecond if a
   * processor is free. `wait()` may take a tick of the system's clock longer, which on Windows is up to 15.6 ms.
   * @throws {Error} if the wait fails (on Windows a `Win32Error`).
   */
  waitPrecisely(timeoutUs: number): number;
  /**
   * The functions that need no received packet, from the beginning. Only `stamp` of such a copier may be used. After the
   * first packet, those of `packets` are faster.
   */
  readonly early: EarlyPackets;
  /** Detaches from the session, which stays open for its owner. Idempotent. */
  close(): void;
}

/**
 * The packets of a device, as offsets into `memory`. There are no packet objects: the hot path allocates nothing. A
 * received packet belongs to the caller, who may change it in place until it is released.
 *
 * The functions need no `this`, so a caller can keep each one in a constant, which makes calls fastest.
 */
export interface Packets {
  /** The memory that contains the received packets. */
  readonly memory: Uint8Array;
  /** One element: the size in bytes, 0 to 65535, of the last received packet. */
  readonly receivedSize: Uint32Array;
  /**
   * Takes the next packet. Returns its offset in `memory` (a multiple of 4), or `EMPTY`, `ENDED` or `CORRUPT`.
   * @throws {Error} for any other failure (on Windows a `Win32Error`).
   */
  receive(this: void): number;
  /**
   * Copies `size` bytes at `offset` (a received packet) into the send ring. Returns `SENT`, `FULL` or `CLOSED`. Never
   * blocks.
   * @throws {Error} for any other failure (on Windows a `Win32Error`).
   */
  reply(this: void, offset: number, size: number): number;
  /** Releases the memory of a received packet. Release every received packet exactly once. */
  release(this: void, offset: number): void;
  /** Creates the functions that copy packets into `target`. The caller keeps `target` alive. */
  copierTo(this: void, target: Uint8Array): PacketCopier;
  /** Creates the function that sends packets from `source`. The caller keeps `source` alive. */
  senderOf(this: void, source: Uint8Array): PacketSender;
}

/** See `Device.early`. */
export type EarlyPackets = Pick<Packets, "senderOf" | "copierTo">;

/** Copies `size` bytes at `at` of the source into the send ring. Returns `SENT`, `FULL` or `CLOSED`. Never blocks. */
export type PacketSender = (this: void, at: number, size: number) => number;

/** Copies packets into one buffer. */
export interface PacketCopier {
  /** Copies `size` bytes at `offset` of the packets' memory to `at` in the target. */
  copy(this: void, offset: number, size: number, at: number): void;
  /**
   * Writes the current time at `at` (a multiple of 4) in the target: a FILETIME (100 ns since 1601-01-01 UTC) of 64
   * bits, unsigned.
   */
  stamp(this: void, at: number): void;
}
