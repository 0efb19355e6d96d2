/**
 * Functions that are called through their addresses. Deno compiles machine code for every function that it opens, which takes a
 * millisecond; a call through the address takes a few microseconds more than a compiled one, and needs no compilation.
 */

/** Asks `Deno.dlopen` for the address of a function. */
export interface AddressSymbol {
  readonly name: string;
  readonly type: "pointer";
}

/** Returns what makes `Deno.dlopen` return the address of the function with that name. */
export function addressSymbol(name: string): AddressSymbol {
  return { name, type: "pointer" };
}

/** Returns the function at an address that `Deno.dlopen` has returned for an `AddressSymbol`. The DLL stays open. */
export function functionAt(
  address: Deno.PointerObject<Deno.ForeignFunction>,
  definition: Deno.ForeignFunction,
): (...args: Deno.ToNativeParameterTypes<Deno.NativeType[]>) => unknown {
  const pointer = new Deno.UnsafeFnPointer(address, definition);
  return (...args) => pointer.call(...args);
}
