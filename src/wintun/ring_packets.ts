import type { MemoryRegion } from "../windows/memory.ts";
import { type BoundFunctions, systemFunctions } from "../windows/system_functions.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";
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
  type EarlyPackets,
  EMPTY,
  ENDED,
  FULL,
  type PacketCopier,
  type Packets,
  type PacketSender,
  SENT,
} from "./device.ts";

/* The innermost part of the program, called for every packet. Because of the following three rules, V8 turns each call
 * of a foreign function here into a plain call that allocates nothing. The bench shows the loss if one of them is
 * broken.
 *
 * - Handles and addresses are passed as `usize`. The address of a packet is returned as `u32`, its low half, which is a
 * plain number. A `pointer` result is a heap object, and next to a `pointer` parameter every computed bigint becomes a
 * heap object too.
 * - `BigInt(x | 0)` and `BigInt.asUintN(64, …)` show V8 that 64 bits are enough, so it computes in a register.
 * - A function uses only constants of its closure, which are set before the function is created. V8 puts constants into
 * the code; it loads and checks a field of an object, a changing variable or an import at every use. */

/** The packet functions of symbols.ts, bound a second time for speed. */
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

/**
 * The functions of kernel32.dll that the packet functions need. The loop reads the last error itself; everywhere else,
 * only `SystemLibraries` does.
 */
export const RING_SYSTEM_FUNCTIONS = systemFunctions("kernel32", {
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
}, {
  calledOften: [
    "GetLastError",
    "RtlMoveMemory",
    "GetSystemTimePreciseAsFileTime",
    "WaitForMultipleObjects",
  ],
});

type Kernel32 = BoundFunctions<typeof RING_SYSTEM_FUNCTIONS>;

/** The libraries that one thread has bound. */
export interface Bindings {
  readonly libraries: SystemLibraries;
  readonly kernel32: Kernel32;
  readonly wintun: Deno.StaticForeignLibraryInterface<typeof RING_SYMBOLS>;
}

/** The location of one session's packets. */
export interface RingLocation {
  /** WINTUN_SESSION_HANDLE */
  readonly session: bigint;
  /** The memory of both rings. */
  readonly region: MemoryRegion;
  /** The DWORD to which WintunReceivePacket writes the size, and its address. */
  readonly receivedSize: Uint32Array;
  readonly sizeAddress: bigint;
}

/** The packets of a session. Their memory is the rings themselves, not a copy. */
export interface RingPackets extends Packets {
  readonly memory: Uint8Array<ArrayBuffer>;
}

/** Creates the functions that move a session's packets. Both rings lie in one allocation, so one array covers them. */
export function createPackets(bindings: Bindings, location: RingLocation): RingPackets {
  const { region: { base, sizeBytes }, receivedSize } = location;
  const memory = new Uint8Array(
    Deno.UnsafePointerView.getArrayBuffer(Deno.UnsafePointer.create(base)!, sizeBytes),
  );
  // If the rings cross a 4 GiB boundary, the low half of a packet's address can be 0, which would look like "no
  // packet".
  const crossesLine = (base & 0xFFFF_FFFFn) + BigInt(sizeBytes) > 0x1_0000_0000n;
  const { receive, reply } = crossesLine
    ? createPointerFunctions(bindings, location)
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
    senderOf: (source: Uint8Array): PacketSender =>
      crossesLine
        ? createPointerSender(bindings, session, addressOfArray(source))
        : createSender(bindings, location, addressOfArray(source)),
  };
}

/** Creates the functions that need no received packet. The base of the rings is not known. */
export function createEarlyPackets(bindings: Bindings, session: bigint): EarlyPackets {
  return {
    copierTo: (target: Uint8Array): PacketCopier => createCopier(bindings.kernel32, 0n, target),
    senderOf: (source: Uint8Array): PacketSender =>
      createPointerSender(bindings, session, addressOfArray(source)),
  };
}

type PacketFunctions = Pick<Packets, "receive" | "reply">;

/** Creates `receive` and `reply` for rings in which the low half of a packet's address is never 0. */
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
      // Both results are 32-bit integers for V8. A result that could be another number would be boxed, or at least
      // checked.
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
 * Creates the function that sends from other memory than the rings, for rings in which the low half of a packet's address
 * is never 0. It has its own body, because V8 treats the variables of `reply` above as constants only while that is
 * created once. The same is true here.
 */
function createSender(
  { wintun: { allocate, send }, kernel32: { RtlMoveMemory, GetLastError } }: Bindings,
  { session, region: { base } }: RingLocation,
  source: bigint,
): PacketSender {
  const baseLow = Number(base & 0xFFFF_FFFFn) | 0;
  const sent = SENT;
  return (at: number, size: number): number => {
    const low = allocate(session, size);
    if (low === 0) return allocateFailed(GetLastError());
    const packet = BigInt.asUintN(64, base + BigInt(((low | 0) - baseLow) | 0));
    RtlMoveMemory(packet, BigInt.asUintN(64, source + BigInt(at | 0)), BigInt(size | 0));
    send(session, packet);
    return sent;
  };
}

/** Creates the same functions with whole pointers. They are slower, because each pointer is a heap object. */
function createPointerFunctions(bindings: Bindings, location: RingLocation): PacketFunctions {
  const { wintun, kernel32: { GetLastError } } = bindings;
  const { session, sizeAddress, region: { base } } = location;
  return {
    receive(): number {
      const packet = wintun.receivePointer(session, sizeAddress);
      if (packet === null) return receiveFailed(GetLastError());
      return Number(Deno.UnsafePointer.value(packet) - base);
    },
    reply: createPointerSender(bindings, session, base),
  };
}

/** @param source The address of the memory from which packets are sent. */
function createPointerSender(
  { wintun, kernel32: { GetLastError, RtlMoveMemory } }: Bindings,
  session: bigint,
  source: bigint,
): PacketSender {
  return (at: number, size: number): number => {
    const pointer = wintun.allocatePointer(session, size);
    if (pointer === null) return allocateFailed(GetLastError());
    const packet = Deno.UnsafePointer.value(pointer);
    RtlMoveMemory(packet, source + BigInt(at), BigInt(size));
    wintun.send(session, packet);
    return SENT;
  };
}

/** Returns the address of an array over an ArrayBuffer, which does not move. */
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

/** Maps the error of a failed WintunReceivePacket to a status. @throws {Win32Error} for any other error. */
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
