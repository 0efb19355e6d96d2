/**
 * Allocates memory that does not move, for a native function that keeps an address.
 *
 * V8 stores a small typed array that was made from a length or from numbers on its heap, and the garbage collector
 * moves it. A typed array over an existing ArrayBuffer does not move. The caller keeps the buffer alive.
 */
export function fixedMemory(sizeBytes: number): ArrayBuffer {
  return new ArrayBuffer(sizeBytes);
}

/** Returns the address of `memory` from `fixedMemory`. */
export function addressOf(memory: ArrayBuffer): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(memory));
}
