import { assertEquals } from "@std/assert";
import { hex } from "../../src/wire/hex.ts";

Deno.test("hex() gives each byte two digits, in lower case", () => {
  assertEquals(hex(Uint8Array.of(0, 9, 0xAB, 0xFF)), "0009abff");
  assertEquals(hex(new Uint8Array()), "");
});
