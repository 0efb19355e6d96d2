import type { MemoryRegion } from "../windows/memory.ts";
import type { BoundFunctions, SystemLibraries } from "../windows/system_libraries.ts";
import {
  ERROR_BUFFER_OVERFLOW,
  ERROR_HANDLE_EOF,
  ERROR_INVALID_DATA,
  ERROR_NO_MORE_ITEMS,
  Win32Error,
} from "../windows/win32_error.ts";
import {
  CLOSED,
  CORRUPT,
  EMPTY,
  ENDED,
  FULL,
  type PacketCopier,
  type Packets,
  type PacketSender,
  SENT,
} from "./device.ts";

/*
 * The innermost part of the program, called for every packet. Three things make V8 turn each call of a foreign function
 * here into a plain call that allocates nothing; the bench shows it when one of them is lost.
 *
 * - Handles and addresses go out as `usize`, and a packet's address comes back as `u32`, its low half, a plain number. A
 *   `pointer` result is a heap object; and beside a `pointer` parameter every computed bigint becomes one.
 * - `BigInt(x | 0)` and `BigInt.asUintN(64, …)` tell V8 that 64 bits are enough, so it computes in a register.
 * - What a function needs are constants of the closure it lies in, known before it is made. V8 puts constants into
 *   the code; a field of an object, a variable that changes or an import is loaded and checked at every use.
 */

/** The packet functions once more (symbols.ts has them as documented), bound for speed. */
export const RING_SYMBOLS = {
  receivePointer: {
    name: "WintunReceivePacket",
    parameters: ["usize", /* WINTUN_SESSION_HANDLE Session */ "usize" /* DWORD *PacketSize */],
    result: "pointer", /* BYTE * */
  },
  allocatePointer: {
    name: "WintunAllocateSendPacket",
    parameters: ["usize", /* WINTUN_SESSION_HANDLE Session */ "u32" /* DWORD PacketSize */],
    result: "pointer", /* BYTE * */
  },
  receive: {
    name: "WintunReceivePacket",
    parameters: ["usize", /* WINTUN_SESSION_HANDLE Session */ "usize" /* DWORD *PacketSize */],
    result: "u32", /* low half of BYTE * */
  },
  release: {
    name: "WintunReleaseReceivePacket",
    parameters: ["usize", /* WINTUN_SESSION_HANDLE Session */ "usize" /* const BYTE *Packet */],
    result: "void",
  },
  allocate: {
    name: "WintunAllocateSendPacket",
    parameters: ["usize", /* WINTUN_SESSION_HANDLE Session */ "u32" /* DWORD PacketSize */],
    result: "u32", /* low half of BYTE * */
  },
  send: {
    name: "WintunSendPacket",
    parameters: ["usize", /* WINTUN_SESSION_HANDLE Session */ "usize" /* const BYTE *Packet */],
    result: "void",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** What goes with them in kernel32.dll. The loop reads the last error itself: elsewhere, only `SystemLibraries` does. */
export const KERNEL32_SYMBOLS = {
  GetLastError: { parameters: [], result: "u32" },
  RtlMoveMemory: {
    parameters: [
      "usize", /* VOID *Destination */
      "usize", /* const VOID *Source */
      "usize", /* SIZE_T Length */
    ],
    result: "void",
  },
  GetSystemTimePreciseAsFileTime: {
    parameters: ["usize" /* LPFILETIME lpSystemTimeAsFileTime */],
    result: "void",
  },
  WaitForMultipleObjects: {
    parameters: [
      "u32", /* DWORD nCount */
      "pointer", /* const HANDLE *lpHandles */
      "i32", /* BOOL bWaitAll */
      "u32", /* DWORD dwMilliseconds */
    ],
    result: "u32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

type Kernel32 = BoundFunctions<typeof KERNEL32_SYMBOLS>;

/** The libraries as one thread has bound them. */
export interface Bindings {
  readonly libraries: SystemLibraries;
  readonly kernel32: Kernel32;
  readonly wintun: BoundFunctions<typeof RING_SYMBOLS>;
}

/** Where one session's packets are. */
export interface RingLocation {
  /** WINTUN_SESSION_HANDLE */
  readonly session: bigint;
  /** Memory that holds both rings. */
  readonly region: MemoryRegion;
  /** DWORD that WintunReceivePacket writes the size to, and its address. */
  readonly receivedSize: Uint32Array;
  readonly sizeAddress: bigint;
}

/** The packets of a session: their memory is the rings' own, not a copy. */
export interface RingPackets extends Packets {
  readonly memory: Uint8Array<ArrayBuffer>;
}

/** Makes the functions that move a session's packets. Both rings lie in one allocation, so one array shows them. */
export function createPackets(bindings: Bindings, location: RingLocation): RingPackets {
  const { region: { base, sizeBytes }, receivedSize } = location;
  const memory = new Uint8Array(
    Deno.UnsafePointerView.getArrayBuffer(Deno.UnsafePointer.create(base)!, sizeBytes),
  );
  // In rings that cross a 4 GiB line, the low half of a packet's address may be 0 and look like "no packet".
  const crossesLine = (base & 0xFFFF_FFFFn) + BigInt(sizeBytes) > 0x1_0000_0000n;
  const { receive, reply } = crossesLine
    ? createPointerFunctions(bindings, location, base)
    : createFunctions(bindings, location);

  const { kernel32, wintun: { release } } = bindings;
  const { session } = location;
  return {
    memory,
    receivedSize,
    receive,
    reply,
    release(offset: number): void {
      release(session, BigInt.asUintN(64, base + BigInt(offset | 0)));
    },
    copierTo: (target: Uint8Array): PacketCopier => createCopier(kernel32, base, target),
    // Not by the fast functions: V8 treats them as constants only as long as they are made once.
    senderOf: (source: Uint8Array): PacketSender =>
      createPointerFunctions(bindings, location, addressOfArray(source)).reply,
  };
}

type PacketFunctions = Pick<Packets, "receive" | "reply">;

/** Makes `receive` and `reply` for rings in which no packet's address has a low half of 0. */
function createFunctions(
  bindings: Bindings,
  { session, region: { base }, sizeAddress }: RingLocation,
): PacketFunctions {
  const { receive, allocate, send } = bindings.wintun;
  const { RtlMoveMemory, GetLastError } = bindings.kernel32;
  const baseLow = Number(base & 0xFFFF_FFFFn) | 0;
  const sent = SENT;
  const addressOf = (offset: number): bigint => BigInt.asUintN(64, base + BigInt(offset | 0));

  return {
    receive(): number {
      const low = receive(session, sizeAddress);
      // Both are 32-bit integers for V8: one that may be another number would be boxed, or at least looked at.
      if (low === 0) return receiveFailed(GetLastError()) | 0;
      return ((low | 0) - baseLow) | 0;
    },
    reply(offset: number, size: number): number {
      const low = allocate(session, size);
      if (low === 0) return allocateFailed(GetLastError());
      const packet = addressOf((low | 0) - baseLow);
      RtlMoveMemory(packet, addressOf(offset), BigInt(size | 0));
      send(session, packet);
      return sent;
    },
  };
}

/**
 * The same with whole pointers, which is slower: each is a heap object.
 *
 * @param source the address of the memory that `reply` copies from: the rings', to reply with what was received.
 */
function createPointerFunctions(
  { wintun, kernel32 }: Bindings,
  { session, region: { base }, sizeAddress }: RingLocation,
  source: bigint,
): PacketFunctions {
  const { GetLastError, RtlMoveMemory } = kernel32;
  return {
    receive(): number {
      const packet = wintun.receivePointer(session, sizeAddress);
      if (packet === null) return receiveFailed(GetLastError());
      return Number(Deno.UnsafePointer.value(packet) - base);
    },
    reply(offset: number, size: number): number {
      const pointer = wintun.allocatePointer(session, size);
      if (pointer === null) return allocateFailed(GetLastError());
      const packet = Deno.UnsafePointer.value(pointer);
      RtlMoveMemory(packet, source + BigInt(offset), BigInt(size));
      wintun.send(session, packet);
      return SENT;
    },
  };
}

/** The address of an array over a buffer of its own, which does not move. */
function addressOfArray(array: Uint8Array): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(array as Uint8Array<ArrayBuffer>));
}

function createCopier(kernel32: Kernel32, base: bigint, target: Uint8Array): PacketCopier {
  const { RtlMoveMemory, GetSystemTimePreciseAsFileTime } = kernel32;
  const start = addressOfArray(target);
  return {
    copy(offset: number, size: number, at: number): void {
      RtlMoveMemory(
        BigInt.asUintN(64, start + BigInt(at | 0)),
        BigInt.asUintN(64, base + BigInt(offset | 0)),
        BigInt(size | 0),
      );
    },
    stamp(at: number): void {
      GetSystemTimePreciseAsFileTime(BigInt.asUintN(64, start + BigInt(at | 0)));
    },
  };
}

/** Maps the error behind a NULL from WintunReceivePacket to a status. @throws {Win32Error} for any other error. */
export function receiveFailed(code: number): number {
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

function allocateFailed(code: number): number {
  switch (code) {
    case ERROR_BUFFER_OVERFLOW:
      return FULL;
    case ERROR_HANDLE_EOF:
      return CLOSED;
    default:
      throw new Win32Error(code, "Cannot send a packet");
  }
}
