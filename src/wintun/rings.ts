import { fixedMemory } from "../windows/fixed_memory.ts";
import {
  type Kernel32,
  lastError,
  openKernel32,
  queryAllocation,
  WAIT_OBJECT_0,
  WAIT_TIMEOUT,
} from "../windows/kernel32.ts";
import {
  ERROR_BUFFER_OVERFLOW,
  ERROR_HANDLE_EOF,
  ERROR_INVALID_DATA,
  ERROR_NO_MORE_ITEMS,
  Win32Error,
} from "../windows/win32_error.ts";
import { CLOSED, CORRUPT, EMPTY, ENDED, FULL, READABLE, SENT, STOPPED, TIMED_OUT } from "./status.ts";

/**
 * The packet functions once more, bound for speed. A BYTE* comes back as its low half, a plain number, where a pointer
 * result would cost a heap object; it goes out as a full address.
 */
const RING_SYMBOLS = {
  receivePointer: {
    name: "WintunReceivePacket",
    parameters: ["pointer", /* WINTUN_SESSION_HANDLE Session */ "pointer" /* DWORD *PacketSize */],
    result: "pointer", /* BYTE * */
  },
  allocatePointer: {
    name: "WintunAllocateSendPacket",
    parameters: ["pointer", /* WINTUN_SESSION_HANDLE Session */ "u32" /* DWORD PacketSize */],
    result: "pointer", /* BYTE * */
  },
  receive: {
    name: "WintunReceivePacket",
    parameters: ["pointer", /* WINTUN_SESSION_HANDLE Session */ "pointer" /* DWORD *PacketSize */],
    result: "u32", /* low half of BYTE * */
  },
  release: {
    name: "WintunReleaseReceivePacket",
    parameters: ["pointer", /* WINTUN_SESSION_HANDLE Session */ "usize" /* const BYTE *Packet */],
    result: "void",
  },
  allocate: {
    name: "WintunAllocateSendPacket",
    parameters: ["pointer", /* WINTUN_SESSION_HANDLE Session */ "u32" /* DWORD PacketSize */],
    result: "u32", /* low half of BYTE * */
  },
  send: {
    name: "WintunSendPacket",
    parameters: ["pointer", /* WINTUN_SESSION_HANDLE Session */ "usize" /* const BYTE *Packet */],
    result: "void",
  },
} as const satisfies Deno.ForeignLibraryInterface;

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

/** The two libraries as one thread has bound them. */
interface Bindings {
  readonly kernel32: Kernel32;
  readonly wintun: Deno.StaticForeignLibraryInterface<typeof RING_SYMBOLS>;
}

/** What this thread has bound, kept until it ends: Deno does not give back all memory of a library that it closes. */
const boundLibraries = new Map<string, Bindings>();

function bind({ wintunPath, kernel32Path }: RingsAttachment): Bindings {
  const key = `${wintunPath}\n${kernel32Path}`;
  let bindings = boundLibraries.get(key);
  if (bindings === undefined) {
    bindings = {
      kernel32: openKernel32(kernel32Path),
      wintun: Deno.dlopen(wintunPath, RING_SYMBOLS).symbols,
    };
    boundLibraries.set(key, bindings);
  }
  return bindings;
}

/** Makes the calling thread the reader of a session that its owner keeps open. */
export function attachRings(attachment: RingsAttachment): Rings {
  return new Rings(attachment, bind(attachment));
}

/**
 * The two packet rings of a session, seen by the thread that reads them. Both lie in one allocation, so one
 * Uint8Array shows every packet, and a packet is its offset in there.
 */
export class Rings implements Disposable {
  readonly #kernel32: Kernel32;
  readonly #wintun: Deno.StaticForeignLibraryInterface<typeof RING_SYMBOLS>;
  readonly #system: Kernel32["symbols"];
  readonly #session: Deno.PointerValue;
  /** DWORD that WintunReceivePacket writes the size to. */
  readonly #size = new Uint32Array(fixedMemory(4));
  readonly #sizePointer = Deno.UnsafePointer.of(this.#size);
  /** The stop event comes first: when both are set, it is the one that the wait reports. */
  readonly #waitHandles = new BigUint64Array(fixedMemory(16));
  readonly #waitHandlesPointer = Deno.UnsafePointer.of(this.#waitHandles);
  /**
   * Whether packets come as pointers: the first one, which tells where the rings are, and all of them in rings that
   * cross a 4 GiB line, where a packet's low half may be 0 and look like "no packet".
   */
  #byPointer = true;
  #base = 0n;
  #baseLow = 0;
  #memory = new Uint8Array(0);
  #copyTarget = 0n;
  #copyTargetBytes = new Uint8Array(0);
  #closed = false;

  /** Called by `attachRings`. */
  constructor(attachment: RingsAttachment, { kernel32, wintun }: Bindings) {
    this.#kernel32 = kernel32;
    this.#system = kernel32.symbols;
    this.#wintun = wintun;
    this.#session = Deno.UnsafePointer.create(attachment.session);
    this.#waitHandles.set([attachment.stopEvent, attachment.readEvent]);
  }

  get memory(): Uint8Array {
    return this.#memory;
  }

  get receivedSize(): number {
    return this.#size[0];
  }

  /** WintunReceivePacket: the packet's offset in `memory`, `EMPTY`, `ENDED` or `CORRUPT`. */
  receive(): number {
    if (this.#byPointer) return this.#receiveByPointer();
    const low = this.#wintun.receive(this.#session, this.#sizePointer);
    if (low === 0) return this.#receiveFailed(this.#system.GetLastError());
    // Kept a 32-bit integer: a number that may pass 2^31 would be boxed.
    return (low - this.#baseLow) | 0;
  }

  /** WintunAllocateSendPacket, one copy, WintunSendPacket: `SENT`, `FULL` or `CLOSED`. */
  reply(offset: number, size: number): number {
    if (this.#byPointer) return this.#replyByPointer(offset, size);
    const low = this.#wintun.allocate(this.#session, size);
    if (low === 0) return this.#allocateFailed(this.#system.GetLastError());
    const packet = this.#base + BigInt((low - this.#baseLow) | 0);
    this.#system.RtlMoveMemory(packet, this.#base + BigInt(offset), BigInt(size));
    this.#wintun.send(this.#session, packet);
    return SENT;
  }

  /** WintunReleaseReceivePacket. */
  release(offset: number): void {
    this.#wintun.release(this.#session, this.#base + BigInt(offset));
  }

  copyTarget(target: Uint8Array): void {
    this.#copyTargetBytes = target as Uint8Array<ArrayBuffer>;
    this.#copyTarget = Deno.UnsafePointer.value(Deno.UnsafePointer.of(this.#copyTargetBytes));
  }

  copyOut(offset: number, size: number, at: number): void {
    this.#system.RtlMoveMemory(this.#copyTarget + BigInt(at), this.#base + BigInt(offset), BigInt(size));
  }

  stampOut(at: number): void {
    this.#system.GetSystemTimePreciseAsFileTime(this.#copyTarget + BigInt(at));
  }

  /**
   * WaitForMultipleObjects on the stop and the read event: `READABLE`, `STOPPED` or `TIMED_OUT`. The read event is
   * auto-reset and set once a batch, so read until `EMPTY` before waiting.
   */
  wait(timeoutMs: number): number {
    const result = this.#system.WaitForMultipleObjects(2, this.#waitHandlesPointer, 0, timeoutMs);
    if (result === WAIT_OBJECT_0) return STOPPED;
    if (result === WAIT_OBJECT_0 + 1) return READABLE;
    if (result === WAIT_TIMEOUT) return TIMED_OUT;
    throw lastError(this.#kernel32, "Cannot wait for packets");
  }

  /** Detaches: the session's owner may end it from now on. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // The rings are freed with the session; a view left on them would dangle.
    this.#memory.buffer.transfer(0);
    this.#memory = new Uint8Array(0);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #receiveByPointer(): number {
    const packet = this.#wintun.receivePointer(this.#session, this.#sizePointer);
    if (packet === null) return this.#receiveFailed(this.#system.GetLastError());
    if (this.#base === 0n) this.#map(packet);
    return Number(Deno.UnsafePointer.value(packet) - this.#base);
  }

  #replyByPointer(offset: number, size: number): number {
    const pointer = this.#wintun.allocatePointer(this.#session, size);
    if (pointer === null) return this.#allocateFailed(this.#system.GetLastError());
    const packet = Deno.UnsafePointer.value(pointer);
    this.#system.RtlMoveMemory(packet, this.#base + BigInt(offset), BigInt(size));
    this.#wintun.send(this.#session, packet);
    return SENT;
  }

  #map(packet: Deno.PointerObject): void {
    const { base, sizeBytes } = queryAllocation(this.#kernel32, packet);
    const region = Deno.UnsafePointer.create(base)!;
    this.#memory = new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(region, sizeBytes));
    this.#base = base;
    this.#baseLow = Number(base & 0xFFFF_FFFFn);
    this.#byPointer = this.#baseLow + sizeBytes > 0x1_0000_0000;
  }

  #receiveFailed(code: number): number {
    switch (code) {
      case ERROR_NO_MORE_ITEMS:
        return EMPTY;
      case ERROR_HANDLE_EOF:
        return ENDED;
      case ERROR_INVALID_DATA:
        return CORRUPT;
      default:
        throw new Win32Error(code, "Cannot receive a packet");
    }
  }

  #allocateFailed(code: number): number {
    switch (code) {
      case ERROR_BUFFER_OVERFLOW:
        return FULL;
      case ERROR_HANDLE_EOF:
        return CLOSED;
      default:
        throw new Win32Error(code, "Cannot send a packet");
    }
  }
}
