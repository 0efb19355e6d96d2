import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../src/cli/arguments/usage_error.ts";
import {
  bytesReader,
  integerReader,
  readAdapterName,
  readGuid,
  readRingBytes,
  readTunnelType,
  secondsReader,
} from "../../../src/cli/arguments/values.ts";

function refusal(read: (text: string) => unknown, text: string): string {
  return assertThrows(() => read(text), UsageError).message;
}

Deno.test("integerReader() takes both ends of its range and nothing beyond or between", () => {
  const read = integerReader(576, 65535);
  assertEquals([read("576"), read("65535")], [576, 65535]);
  for (
    const text of [
      "575",
      "65536",
      "1400.5",
      "0x500",
      "1e3",
      "-600",
      "+600",
      " 600",
      "",
      "NaN",
      "99999999999999999999",
    ]
  ) {
    assertEquals(refusal(read, text), `${text}: must be a whole number from 576 to 65535.`);
  }
});

Deno.test("secondsReader() takes decimals above zero up to its limit", () => {
  const read = secondsReader(100);
  assertEquals([read("0.5"), read(".25"), read("10"), read("100.0"), read("2.")], [0.5, 0.25, 10, 100, 2]);
  for (const text of ["0", "-1", "1s", "100.1", "Infinity", "1e1", ".", ""]) refusal(read, text);
});

Deno.test("readRingBytes() takes powers of two from 128 KiB to 64 MiB, with or without a unit", () => {
  assertEquals(readRingBytes("131072"), 131072);
  assertEquals(readRingBytes("67108864"), 67108864);
  assertEquals(readRingBytes("128KiB"), 131072);
  assertEquals(readRingBytes("4mib"), 4194304);
  for (
    const text of ["65536", "134217728", "128MiB", "100000", "3MiB", "131072.0", "0", "-131072", "MiB"]
  ) {
    assertEquals(
      refusal(readRingBytes, text),
      `${text}: must be a power of two from 131072 (128KiB) to 67108864 (64MiB) bytes.`,
    );
  }
});

Deno.test("bytesReader() takes a unit that it knows, and says which there are", () => {
  const read = bytesReader(131072);
  assertEquals([read("131072"), read("128KiB"), read("1gib")], [131072, 131072, 2 ** 30]);
  for (const text of ["131071", "127KiB", "1.5MiB", "MiB", "9".repeat(20)]) {
    assertEquals(
      refusal(read, text),
      `${text}: must be a whole number of bytes, KiB, MiB or GiB, such as 100MiB, and at least 131072 bytes.`,
    );
  }
});

Deno.test("readGuid() takes braces and upper case, and gives neither back", () => {
  const guid = "deadbabe-cafe-beef-0123-456789abcdef";
  assertEquals(readGuid(guid), guid);
  assertEquals(readGuid(`{${guid.toUpperCase()}}`), guid);
  refusal(readGuid, guid.slice(1));
  refusal(readGuid, guid.replace("d", "g"));
  refusal(readGuid, `{${guid}`);
  const nil = "{00000000-0000-0000-0000-000000000000}";
  assertEquals(refusal(readGuid, nil), `${nil}: is the nil GUID, which means no GUID.`);
});

Deno.test("readTunnelType() takes what can be shown in a line, and shows what it refuses in one", () => {
  assertEquals(readTunnelType("x".repeat(127)).length, 127);
  refusal(readTunnelType, "x".repeat(128));
  assertEquals(
    refusal(readTunnelType, "a\nb\x1b[31mX"),
    '"a\\nb\\u001b[31mX": a type cannot contain control characters.',
  );
});

Deno.test("readAdapterName() takes what Windows takes as a connection name", () => {
  for (const name of ["lab", "Büro 2 (west)", "a".repeat(127), "网络", "wg-0.1"]) {
    assertEquals(readAdapterName(name), name);
  }
});

Deno.test("readAdapterName() refuses what Windows refuses, and says which character", () => {
  assertEquals(refusal(readAdapterName, "a:b"), `Adapter name "a:b": a name cannot contain :.`);
  for (const name of ["a\\b", "a/b", "a\nb", "", " ", " lab", "lab ", "a".repeat(128)]) {
    refusal(readAdapterName, name);
  }
});

Deno.test("readRingBytes() and bytesReader() say that a unit is the trouble, and which one is meant", () => {
  for (const read of [readRingBytes, bytesReader(1)]) {
    for (const [text, meant] of [["4MB", "4MiB"], ["4m", "4MiB"], ["4 kb", "4KiB"], ["4G", "4GiB"]]) {
      const { message, hint } = assertThrows(() => read(text), UsageError);
      const unit = text.slice(1).trim();
      assertEquals(message, `${text}: ${unit} is not a unit here; the units are KiB, MiB and GiB.`);
      assertEquals(hint, `Did you mean ${meant}?`);
    }
    assertEquals(assertThrows(() => read("1TiB"), UsageError).hint, "");
  }
});

Deno.test("integerReader() without a limit names none", () => {
  const read = integerReader(1);
  assertEquals(read("9007199254740991"), Number.MAX_SAFE_INTEGER);
  assertEquals(refusal(read, "0"), "0: must be a whole number, 1 or more.");
  assertEquals(refusal(read, "9007199254740993"), "9007199254740993: is too large.");
});
