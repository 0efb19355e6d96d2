import { addressOf, fixedMemory } from "../windows/fixed_memory.ts";
import { INFINITE, WAIT_OBJECT_0, WAIT_TIMEOUT } from "../windows/handle.ts";
import { MEMORY_FUNCTIONS, queryAllocation } from "../windows/memory.ts";
import { SystemLibraries } from "../windows/system_libraries.ts";
import { HighResolutionTimer } from "../windows/timer.ts";
import {
  type Bindings,
  createEarlyPackets,
  createPackets,
  receiveFailed,
  RING_SYMBOLS,
  RING_SYSTEM_FUNCTIONS,
  type RingPackets,
} from "./ring_packets.ts";
import { type Device, type EarlyPackets, READABLE, STOPPED, TIMED_OUT } from "./device.ts";

/**
 * The data that another thread needs to read a session: handles as numbers, and the paths of the libraries to open
 * again.
 */
export interface RingsAttachment {
  readonly kind: "wintun";
  readonly wintunPath: string;
  readonly kernel32Path: string;
  /** WINTUN_SESSION_HANDLE (wintun.h). */
  readonly session: bigint;
  /** HANDLE of the session's auto-reset event. */
  readonly readEvent: bigint;
  /** HANDLE of the manual-reset event that ends the reader. */
  readonly stopEvent: bigint;
}

/**
 * The libraries that this thread has bound, kept until it ends: Deno does not free all memory of a closed library. All
 * packet functions are bound together before the first packet, so that none is looked up or opened while packets move.
 */
const boundLibraries = new Map<string, Bindings>();

function bind({ wintunPath, kernel32Path }: RingsAttachment): Bindings {
  const key = `${wintunPath}\n${kernel32Path}`;
  let bindings = boundLibraries.get(key);
  if (bindings === undefined) {
    const libraries = new SystemLibraries({ kernel32: kernel32Path });
    bindings = {
      libraries,
      kernel32: { ...libraries.bind(RING_SYSTEM_FUNCTIONS) },
      wintun: Deno.dlopen(wintunPath, RING_SYMBOLS).symbols,
    };
    // queryAllocation() calls it when the first packet comes.
    void libraries.bind(MEMORY_FUNCTIONS).VirtualQuery;
    boundLibraries.set(key, bindings);
  }
  return bindings;
}

/**
 * Makes the calling thread the reader of a session. The owner of the session keeps it open until the reader is closed.
 * @throws {Error} if wintun.dll cannot be opened.
 */
export function attachRings(attachment: RingsAttachment): Device {
  return new Rings(attachment, bind(attachment));
}

/**
 * The two packet rings of a session, as the reading thread sees them. wintun.h does not define the location of the
 * rings. The address of the first packet reveals it, so the functions that move packets are created when that packet
 * arrives.
 */
class Rings implements Device {
  readonly #bindings: Bindings;
  readonly #session: bigint;
  /** The DWORD to which WintunReceivePacket writes the size. */
  readonly #sizeMemory = fixedMemory(4);
  /** The stop event comes first: if several are set, the wait reports it. The timer comes last. */
  readonly #waitHandles = new BigUint64Array(fixedMemory(24));
  readonly #waitHandlesPointer = Deno.UnsafePointer.of(this.#waitHandles);
  readonly early: EarlyPackets;
  #packets: RingPackets | undefined;
  /** Made when it is needed. */
  #timer: HighResolutionTimer | undefined;

  constructor(attachment: RingsAttachment, bindings: Bindings) {
    this.#bindings = bindings;
    this.#session = attachment.session;
    this.early = createEarlyPackets(bindings, attachment.session);
    this.#waitHandles.set([attachment.stopEvent, attachment.readEvent]);
  }

  receiveFirst(): number {
    const { libraries, kernel32, wintun } = this.#bindings;
    const sizeAddress = addressOf(this.#sizeMemory);
    const packet = wintun.receivePointer(this.#session, sizeAddress);
    if (packet === null) return receiveFailed(kernel32.GetLastError());
    const region = queryAllocation(libraries, packet);
    this.#packets = createPackets(this.#bindings, {
      session: this.#session,
      region,
      receivedSize: new Uint32Array(this.#sizeMemory),
      sizeAddress,
    });
    return Number(Deno.UnsafePointer.value(packet) - region.base);
  }

  get packets(): RingPackets {
    if (this.#packets === undefined) {
      throw new Error("where the rings are is known between receiveFirst() and close()");
    }
    return this.#packets;
  }

  /** The read event is auto-reset and set once per batch of packets, so read until `EMPTY` before waiting. */
  wait(timeoutMs: number): number {
    return this.#waitFor(2, timeoutMs);
  }

  waitPrecisely(timeoutUs: number): number {
    this.#timer ??= this.#createTimer();
    this.#timer.start(timeoutUs);
    return this.#waitFor(3, INFINITE);
  }

  close(): void {
    // Ending the session frees the rings. A view that still refers to them would dangle.
    this.#packets?.memory.buffer.transfer(0);
    this.#packets = undefined;
    this.#timer?.close();
    this.#timer = undefined;
  }

  #waitFor(handles: number, timeoutMs: number): number {
    const { libraries, kernel32 } = this.#bindings;
    const result = kernel32.WaitForMultipleObjects(handles, this.#waitHandlesPointer, 0, timeoutMs);
    if (result === WAIT_OBJECT_0) return STOPPED;
    if (result === WAIT_OBJECT_0 + 1) return READABLE;
    if (result === WAIT_TIMEOUT || result === WAIT_OBJECT_0 + 2) return TIMED_OUT;
    throw libraries.lastError("Cannot wait for packets");
  }

  #createTimer(): HighResolutionTimer {
    const timer = HighResolutionTimer.create(this.#bindings.libraries);
    this.#waitHandles[2] = timer.handle;
    return timer;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
