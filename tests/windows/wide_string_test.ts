import { assertEquals, assertThrows } from "@std/assert";
import {
  fromWideString,
  fromWideStrings,
  readWideString,
  toWideString,
  toWideStrings,
} from "../../src/windows/wide_string.ts";

for (const text of ["", "lab", "Käfig 網", "🦊", "\ud800", "x".repeat(10_000)]) {
  Deno.test(`a wide string keeps ${JSON.stringify(text.slice(0, 12))}, ${text.length} units`, () => {
    const units = toWideString(text);
    assertEquals([units.length, units[text.length]], [text.length + 1, 0]);
    assertEquals(fromWideString(units), text);
  });
}

Deno.test("a list of wide strings is read back, also without the NUL at its end", () => {
  for (const texts of [[], ["a"], ["Käfig", "🦊", "x".repeat(5000)]]) {
    assertEquals(fromWideStrings(toWideStrings(texts)), texts);
  }
  assertEquals(fromWideStrings(toWideStrings(["a", "b"]).subarray(0, 3)), ["a", "b"]);
  assertEquals(fromWideStrings(new Uint16Array(0)), []);
});

Deno.test("toWideString() refuses NUL, which would end the string on the other side", () => {
  assertThrows(() => toWideString("a\0b"), TypeError);
});

Deno.test("fromWideString() ends at the first NUL, and takes all where there is none", () => {
  assertEquals(fromWideString(Uint16Array.of(0x61, 0, 0x62)), "a");
  assertEquals(fromWideString(Uint16Array.of(0x61, 0x62)), "ab");
});

Deno.test({
  name: "readWideString() follows a pointer to its NUL, and no further than its limit",
  permissions: { ffi: true },
  fn: () => {
    const units = toWideString("abc");
    const pointer = Deno.UnsafePointer.of(units);
    assertEquals(readWideString(pointer), "abc");
    assertEquals(readWideString(pointer, 2), "ab");
    assertEquals(readWideString(null), "");
  },
});

Deno.test("toWideStrings() ends each string with a NUL and the list with one more", () => {
  assertEquals(Array.from(toWideStrings(["ab", "c"])), [97, 98, 0, 99, 0, 0]);
  assertEquals(Array.from(toWideStrings([])), [0]);
});

Deno.test("toWideStrings() refuses an empty string, which would end the list", () => {
  assertThrows(() => toWideStrings(["a", ""]), TypeError, "empty");
});
