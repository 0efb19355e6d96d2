import { assert, assertEquals } from "@std/assert";
import { readPeImage } from "../../src/windows/pe.ts";
import { MAX_RING_CAPACITY, MIN_RING_CAPACITY, WINTUN_SYMBOLS } from "../../src/wintun/symbols.ts";

/** The signed DLL, where `deno task vendor` has brought it. */
async function signedDll(): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(new URL("../../vendor/wintun/wintun-amd64.dll", import.meta.url));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const dll = await signedDll();

Deno.test({
  name: "the bindings name every function that the signed wintun.dll exports, and no other",
  ignore: dll === undefined,
  fn: () => {
    assertEquals(Object.keys(WINTUN_SYMBOLS).toSorted(), [...readPeImage(dll!).exportNames].toSorted());
  },
});

Deno.test("there are 14 functions, each named as it is exported", () => {
  const names = Object.keys(WINTUN_SYMBOLS);
  assertEquals(names.length, 14);
  assert(names.every((name) => /^Wintun[A-Z]/.test(name)));
});

Deno.test("the limits of a ring are powers of two", () => {
  for (const capacity of [MIN_RING_CAPACITY, MAX_RING_CAPACITY]) {
    assert(Number.isInteger(Math.log2(capacity)));
  }
});
