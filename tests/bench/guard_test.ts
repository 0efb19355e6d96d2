import { assertEquals } from "@std/assert";
import { tooSlow } from "./guard.ts";

Deno.test("tooSlow() accepts the speeds that the loop has with V8's fast calls, also on a busy machine", () => {
  assertEquals(tooSlow({ "the emulator": { 64: 0.76, 576: 0.83, 1400: 0.4 }, "the signed DLL": {} }), []);
});

Deno.test("tooSlow() reports each speed that the loop has without fast calls", () => {
  assertEquals(tooSlow({ "the emulator": { 64: 0.04, 1400: 0.8 }, "the signed DLL": { 576: 0.399 } }), [
    "With 64 bytes on the emulator, our loop has 0.04 of C's speed. It must have 0.4.",
    "With 576 bytes on the signed DLL, our loop has 0.399 of C's speed. It must have 0.4.",
  ]);
});

Deno.test("tooSlow() reports a speed that is no number", () => {
  assertEquals(tooSlow({ "the emulator": { 64: NaN } }).length, 1);
});
