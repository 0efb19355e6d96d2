import { Win32Error } from "./win32_error.ts";

/** Waits without end (winbase.h). */
export const INFINITE = 0xFFFF_FFFF;
export const WAIT_OBJECT_0 = 0;
export const WAIT_TIMEOUT = 258;

/** MEMORY_BASIC_INFORMATION on 64-bit Windows (winnt.h). */
export const MEMORY_BASIC_INFORMATION = {
  size: 48,
  BaseAddress: 0,
  AllocationBase: 8,
  AllocationProtect: 16,
  RegionSize: 24,
  State: 32,
  Protect: 36,
  Type: 40,
} as const;

/** What every thread of this program calls in kernel32.dll. What only some part calls is bound there. */
const SYMBOLS = {
  GetLastError: { parameters: [], result: "u32" },
  CloseHandle: { parameters: ["pointer" /* HANDLE hObject */], result: "i32" },
  CreateEventW: {
    parameters: [
      "buffer", /* LPSECURITY_ATTRIBUTES lpEventAttributes */
      "i32", /* BOOL bManualReset */
      "i32", /* BOOL bInitialState */
      "buffer", /* LPCWSTR lpName */
    ],
    result: "pointer",
  },
  SetEvent: { parameters: ["pointer" /* HANDLE hEvent */], result: "i32" },
  WaitForSingleObject: {
    parameters: ["pointer", /* HANDLE hHandle */ "u32" /* DWORD dwMilliseconds */],
    result: "u32",
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
  VirtualQuery: {
    parameters: [
      "pointer", /* LPCVOID lpAddress */
      "buffer", /* PMEMORY_BASIC_INFORMATION lpBuffer */
      "usize", /* SIZE_T dwLength */
    ],
    result: "usize",
  },
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
  GetModuleHandleExW: {
    parameters: [
      "u32", /* DWORD dwFlags */
      "buffer", /* LPCWSTR lpModuleName */
      "buffer", /* HMODULE *phModule */
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

export type Kernel32 = Deno.DynamicLibrary<typeof SYMBOLS>;

/** Opens kernel32.dll. Cheap when it is open already: every process has it. */
export function openKernel32(path: string): Kernel32 {
  return Deno.dlopen(path, SYMBOLS);
}

/**
 * The calling thread's last error as an exception. Must be the statement after the failed call: a timer, a console
 * write or an await in between changes the code.
 */
export function lastError(kernel32: Kernel32, operation: string): Win32Error {
  return new Win32Error(kernel32.symbols.GetLastError(), operation);
}

/** The memory region that one VirtualAlloc call reserved. */
export interface MemoryRegion {
  readonly base: bigint;
  readonly sizeBytes: number;
}

/**
 * The whole allocation that `address` lies in ("VirtualQuery function", Windows documentation). An allocation whose
 * pages differ in protection is reported in pieces, so the pieces are followed to its end.
 */
export function queryAllocation(kernel32: Kernel32, address: Deno.PointerObject): MemoryRegion {
  const information = new DataView(new ArrayBuffer(MEMORY_BASIC_INFORMATION.size));
  const query = (at: Deno.PointerValue): boolean =>
    kernel32.symbols.VirtualQuery(at, information.buffer, BigInt(information.byteLength)) !== 0n;
  const allocationBase = (): bigint =>
    information.getBigUint64(MEMORY_BASIC_INFORMATION.AllocationBase, true);
  if (!query(address)) throw lastError(kernel32, "Cannot find the extent of the packet rings");
  const base = allocationBase();
  let end = base;
  while (query(Deno.UnsafePointer.create(end)) && allocationBase() === base) {
    end += information.getBigUint64(MEMORY_BASIC_INFORMATION.RegionSize, true);
  }
  return { base, sizeBytes: Number(end - base) };
}

/** An event object; closed with its owner. */
export class Event implements Disposable {
  readonly #kernel32: Kernel32;
  #handle: Deno.PointerValue;

  private constructor(kernel32: Kernel32, handle: Deno.PointerObject) {
    this.#kernel32 = kernel32;
    this.#handle = handle;
  }

  /** An unnamed manual-reset event, not signaled, that only this process can reach. */
  static create(kernel32: Kernel32): Event {
    const handle = kernel32.symbols.CreateEventW(null, 1, 0, null);
    if (handle === null) throw lastError(kernel32, "Cannot create an event");
    return new Event(kernel32, handle);
  }

  /** The handle as a number that other threads of this process can use while the event is open. */
  get handle(): bigint {
    return Deno.UnsafePointer.value(this.#handle);
  }

  set(): void {
    if (this.#kernel32.symbols.SetEvent(this.#handle) === 0) {
      throw lastError(this.#kernel32, "Cannot set an event");
    }
  }

  close(): void {
    if (this.#handle === null) return;
    this.#kernel32.symbols.CloseHandle(this.#handle);
    this.#handle = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
