import { assertEquals } from "@std/assert";
import { formatGuid, normalGuid, parseGuid } from "../../src/wire/guid.ts";

const TEXT = "deadbabe-cafe-beef-0123-456789abcdef";
// guiddef.h: Data1, Data2 and Data3 in the processor's byte order, Data4 as it is written.
const BYTES = [
  0xbe,
  0xba,
  0xad,
  0xde,
  0xfe,
  0xca,
  0xef,
  0xbe,
  0x01,
  0x23,
  0x45,
  0x67,
  0x89,
  0xab,
  0xcd,
  0xef,
];

for (const text of [TEXT, `{${TEXT}}`, TEXT.toUpperCase(), `{${TEXT.toUpperCase()}}`]) {
  Deno.test(`parseGuid() and normalGuid() read ${text}`, () => {
    assertEquals(Array.from(parseGuid(text)!), BYTES);
    assertEquals(normalGuid(text), TEXT);
  });
}

const NO_GUIDS = [
  "",
  "lab",
  TEXT.slice(1),
  `${TEXT}0`,
  TEXT.replaceAll("-", ""),
  TEXT.replace("d", "g"),
  `{${TEXT}`,
  `${TEXT}}`,
  `{{${TEXT}}}`,
  `${TEXT}
`,
];

for (const text of NO_GUIDS) {
  Deno.test(`parseGuid() and normalGuid() say undefined to ${JSON.stringify(text)}`, () => {
    assertEquals([parseGuid(text), normalGuid(text)], [undefined, undefined]);
  });
}

Deno.test("formatGuid() writes lower case without braces, and leaves the bytes as they are", () => {
  const bytes = Uint8Array.from([...BYTES, 1, 2, 3]);
  assertEquals(formatGuid(bytes), TEXT);
  assertEquals(Array.from(bytes.subarray(0, 16)), BYTES);
});
