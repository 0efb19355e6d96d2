/** What a device answers, as small numbers because the hot path compares them. */
export { CLOSED, CORRUPT, EMPTY, ENDED, FULL, READABLE, SENT, STOPPED, TIMED_OUT } from "../wintun/status.ts";

/**
 * One open packet session, seen from the thread that reads it.
 *
 * Packets are offsets into `memory`, never objects: the hot path allocates nothing. A received packet belongs to
 * the caller, who may change it in place, until it is released. Only one thread may use a device.
 */
export interface Device extends Disposable {
  /**
   * The memory that received packets lie in. Valid from the first successful `receive()` until `close()`;
   * the same object all that time.
   */
  readonly memory: Uint8Array;
  /** Size in bytes, 0 to 65535, of the packet that the last successful `receive()` returned. */
  readonly receivedSize: number;
  /** Takes the next packet: its offset in `memory` (a multiple of 4), or `EMPTY`, `ENDED` or `CORRUPT`. */
  receive(): number;
  /** Copies `size` bytes at `offset` (a received packet) into the send ring: `SENT`, `FULL` or `CLOSED`. Never blocks. */
  reply(offset: number, size: number): number;
  /** Names the buffer that `copyOut` and `stampOut` write to; it is kept alive until `close()`. */
  copyTarget(target: Uint8Array): void;
  /** Copies `size` bytes at `offset` in `memory` to `at` in the copy target. */
  copyOut(offset: number, size: number, at: number): void;
  /** Writes the time now to `at` (a multiple of 4) in the copy target: a FILETIME, 100 ns since 1601-01-01 UTC, u64. */
  stampOut(at: number): void;
  /** Gives a received packet's memory back. Every received packet is released once. */
  release(offset: number): void;
  /** Blocks this thread until there may be packets, `stop()`, or `timeoutMs` (0 polls): `READABLE`, `STOPPED`, `TIMED_OUT`. */
  wait(timeoutMs: number): number;
  /** Detaches from the session, which stays open for its owner. Idempotent. */
  close(): void;
}
