/**
 * Memory whose address stays the same, for a native function that is given the address rather than the array.
 *
 * A typed array made by its length, or of a few numbers, lies on V8's own heap as long as it is small, and a garbage
 * collection moves it; over a buffer of its own it does not move. The caller keeps the buffer alive.
 */
export function fixedMemory(sizeBytes: number): ArrayBuffer {
  return new ArrayBuffer(sizeBytes);
}

/** Where `memory` from `fixedMemory` lies. */
export function addressOf(memory: ArrayBuffer): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(memory));
}
