import { addressOf, fixedMemory } from "../windows/fixed_memory.ts";
import { WAIT_OBJECT_0, WAIT_TIMEOUT } from "../windows/handle.ts";
import { queryAllocation } from "../windows/memory.ts";
import { SystemLibraries } from "../windows/system_libraries.ts";
import {
  type Bindings,
  createPackets,
  KERNEL32_SYMBOLS,
  receiveFailed,
  RING_SYMBOLS,
  type RingPackets,
} from "./ring_packets.ts";
import { type Device, READABLE, STOPPED, TIMED_OUT } from "./device.ts";

/** What another thread needs to read a session: handles as numbers, and the libraries to open again. */
export interface RingsAttachment {
  readonly kind: "wintun";
  readonly wintunPath: string;
  readonly kernel32Path: string;
  /** WINTUN_SESSION_HANDLE */
  readonly session: bigint;
  /** HANDLE of the session's auto-reset event. */
  readonly readEvent: bigint;
  /** HANDLE of the manual-reset event that ends the reader. */
  readonly stopEvent: bigint;
}

/**
 * What this thread has bound, kept until it ends: Deno does not give back all memory of a library that it closes. The packet
 * functions are bound all at once and before the first packet: none of them may be looked up or opened while packets move.
 */
const boundLibraries = new Map<string, Bindings>();

function bind({ wintunPath, kernel32Path }: RingsAttachment): Bindings {
  const key = `${wintunPath}\n${kernel32Path}`;
  let bindings = boundLibraries.get(key);
  if (bindings === undefined) {
    const libraries = new SystemLibraries({ kernel32: kernel32Path });
    bindings = {
      libraries,
      kernel32: { ...libraries.bind("kernel32", KERNEL32_SYMBOLS) },
      wintun: Deno.dlopen(wintunPath, RING_SYMBOLS).symbols,
    };
    boundLibraries.set(key, bindings);
  }
  return bindings;
}

/** Makes the calling thread the reader of a session that its owner keeps open. */
export function attachRings(attachment: RingsAttachment): Device {
  return new Rings(attachment, bind(attachment));
}

/**
 * A session's two packet rings, seen by the thread that reads them. wintun.h does not say where the rings are; the
 * address of the first packet does, so all that moves packets is made when that comes.
 */
class Rings implements Device {
  readonly #bindings: Bindings;
  readonly #session: bigint;
  /** DWORD that WintunReceivePacket writes the size to. */
  readonly #sizeMemory = fixedMemory(4);
  /** The stop event comes first: when both are set, it is the one that the wait reports. */
  readonly #waitHandles = new BigUint64Array(fixedMemory(16));
  readonly #waitHandlesPointer = Deno.UnsafePointer.of(this.#waitHandles);
  #packets: RingPackets | undefined;

  constructor(attachment: RingsAttachment, bindings: Bindings) {
    this.#bindings = bindings;
    this.#session = attachment.session;
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

  /** The read event is auto-reset and set once a batch, so read until `EMPTY` before waiting. */
  wait(timeoutMs: number): number {
    const { libraries, kernel32 } = this.#bindings;
    const result = kernel32.WaitForMultipleObjects(2, this.#waitHandlesPointer, 0, timeoutMs);
    if (result === WAIT_OBJECT_0) return STOPPED;
    if (result === WAIT_OBJECT_0 + 1) return READABLE;
    if (result === WAIT_TIMEOUT) return TIMED_OUT;
    throw libraries.lastError("Cannot wait for packets");
  }

  close(): void {
    // The rings are freed with the session; a view left on them would dangle.
    this.#packets?.memory.buffer.transfer(0);
    this.#packets = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
