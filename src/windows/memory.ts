import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";

/** MEMORY_BASIC_INFORMATION on 64-bit Windows (winnt.h). */
export const MEMORY_BASIC_INFORMATION = { size: 48, AllocationBase: 8, RegionSize: 24, State: 32 } as const;

const MEM_FREE = 0x10000;

export const MEMORY_FUNCTIONS = systemFunctions("kernel32", {
  VirtualQuery: {
    parameters: [
      "pointer", /* LPCVOID lpAddress */
      "buffer", /* PMEMORY_BASIC_INFORMATION lpBuffer */
      "usize", /* SIZE_T dwLength */
    ],
    result: "usize",
  },
});

/** A memory region that one VirtualAlloc call reserved. */
export interface MemoryRegion {
  readonly base: bigint;
  readonly sizeBytes: number;
}

/**
 * Returns the whole allocation that contains `address` ("VirtualQuery function", Windows documentation). VirtualQuery
 * reports an allocation in pieces if its pages differ in protection, so this function adds up the pieces.
 * @throws {Win32Error} if VirtualQuery fails.
 */
export function queryAllocation(libraries: SystemLibraries, address: Deno.PointerObject): MemoryRegion {
  const { VirtualQuery } = libraries.bind(MEMORY_FUNCTIONS);
  const information = new DataView(new ArrayBuffer(MEMORY_BASIC_INFORMATION.size));
  const query = (at: Deno.PointerValue): boolean =>
    VirtualQuery(at, information.buffer, BigInt(information.byteLength)) !== 0n;
  const allocationBase = (): bigint =>
    information.getBigUint64(MEMORY_BASIC_INFORMATION.AllocationBase, true);
  // For free pages, the allocation base is undefined.
  const isFree = (): boolean => information.getUint32(MEMORY_BASIC_INFORMATION.State, true) === MEM_FREE;
  if (!query(address)) throw libraries.lastError("Cannot find the extent of the packet rings");
  const base = allocationBase();
  let end = base;
  while (query(Deno.UnsafePointer.create(end)) && !isFree() && allocationBase() === base) {
    end += information.getBigUint64(MEMORY_BASIC_INFORMATION.RegionSize, true);
  }
  return { base, sizeBytes: Number(end - base) };
}
