import { assertEquals, assertThrows } from "@std/assert";
import {
  type Comment,
  encodeComment,
  ENHANCED_PACKET_OVERHEAD,
  enhancedPacketLength,
  INBOUND,
  interfaceDescriptionBlock,
  interfaceStatisticsBlock,
  OUTBOUND,
  PACKET_OFFSET,
  sectionHeaderBlock,
  setPacketDirection,
  setPacketTime,
  writeEnhancedPacketFrame,
} from "../../src/wire/pcapng.ts";

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(" ", "").match(/../g) ?? [], (byte) => parseInt(byte, 16));

interface Packet {
  readonly bytes: Uint8Array;
  readonly originalLength?: number;
  readonly time?: readonly [high: number, low: number];
  readonly direction?: typeof INBOUND | typeof OUTBOUND;
  readonly dropCount?: number;
  readonly comment?: Comment;
}

/** Writes into dirty memory, checks that nothing around the block changed, and gives the block. */
function writtenBlock(packet: Packet): Uint8Array {
  const { bytes, originalLength = bytes.length, time = [0, 0], direction = INBOUND, dropCount = 0, comment } =
    packet;
  const memory = new Uint8Array(256).fill(0xee);
  // Words that do not start their buffer.
  const words = new Int32Array(memory.buffer, 4, 60);
  const length = writeEnhancedPacketFrame(words, 8, bytes.length, originalLength, dropCount, comment);
  memory.set(bytes, 4 + 8 + PACKET_OFFSET);
  setPacketTime(words, 8, ...time);
  setPacketDirection(words, 8 + length, direction);
  assertEquals(length, enhancedPacketLength(bytes.length, dropCount, comment));
  assertEquals(length % 4, 0);
  assertEquals(memory.subarray(0, 12), new Uint8Array(12).fill(0xee));
  assertEquals(memory.subarray(12 + length), new Uint8Array(256 - 12 - length).fill(0xee));
  return memory.slice(12, 12 + length);
}

Deno.test("sectionHeaderBlock() writes magic, version, unknown length and the options that are given", () => {
  assertEquals(
    sectionHeaderBlock("Linux", "wintun"),
    hex(
      "0a0d0d0a 38000000 4d3c2b1a 0100 0000 ffffffffffffffff" +
        "0300 0500 4c696e7578 000000  0400 0600 77696e74756e 0000  0000 0000 38000000",
    ),
  );
  assertEquals(
    sectionHeaderBlock("", ""),
    hex("0a0d0d0a 20000000 4d3c2b1a 0100 0000 ffffffffffffffff 0000 0000 20000000"),
  );
});

Deno.test("interfaceDescriptionBlock() writes raw IP, the snap length, UTF-8 names and nanoseconds", () => {
  assertEquals(
    interfaceDescriptionBlock("Büro", "", 2048),
    hex(
      "01000000 2c000000 6500 0000 00080000 0200 0500 42c3bc726f 000000 0900 0100 09 000000 0000 0000 2c000000",
    ),
  );
  assertEquals(interfaceDescriptionBlock("lab", "Demo Tunnel", 0).length, 20 + 8 + 16 + 8 + 4);
});

Deno.test("an enhanced packet block has timestamp halves, lengths, padded data and the direction", () => {
  const block = writtenBlock({
    bytes: Uint8Array.of(0x45, 1, 2, 3, 4),
    originalLength: 1400,
    time: [0x187a8d2e, 0xfedcba98],
  });
  assertEquals(
    block,
    hex(
      "06000000 34000000 00000000 2e8d7a18 98badcfe 05000000 78050000 4501020304 000000" +
        "0200 0400 01000000 0000 0000 34000000",
    ),
  );
  assertEquals(block.length, ENHANCED_PACKET_OVERHEAD + 8);
});

Deno.test("an enhanced packet block has a comment and a drop count above 32 bits", () => {
  const block = writtenBlock({
    bytes: Uint8Array.of(1, 2, 3, 4),
    time: [0, 1],
    direction: OUTBOUND,
    dropCount: 0x1_0000_0002,
    comment: encodeComment("ring full"),
  });
  assertEquals(
    block,
    hex(
      "06000000 4c000000 00000000 00000000 01000000 04000000 04000000 01020304" +
        "0100 0900 72696e672066756c6c 000000 0400 0800 0200000001000000 0200 0400 02000000 0000 0000 4c000000",
    ),
  );
});

Deno.test("an enhanced packet block of an empty packet has no data", () => {
  assertEquals(
    writtenBlock({ bytes: new Uint8Array(0) }),
    hex(
      "06000000 2c000000 00000000 00000000 00000000 00000000 00000000 0200 0400 01000000 0000 0000 2c000000",
    ),
  );
});

Deno.test("encodeComment() refuses what a comment's 16-bit length cannot say", () => {
  assertEquals(encodeComment("x".repeat(65535)).words.length, 16384);
  assertThrows(() => encodeComment("ü".repeat(32768)), RangeError);
});

Deno.test("interfaceStatisticsBlock() writes times high half first and 64-bit counters", () => {
  assertEquals(
    interfaceStatisticsBlock({
      startTimeNs: 0x1122_3344_5566_7788n,
      endTimeNs: 0x1122_3344_99aa_bbccn,
      received: 0x1_0000_0001,
      dropped: 2,
    }),
    hex(
      "05000000 4c000000 00000000 44332211 ccbbaa99" +
        "02000800 44332211 88776655 03000800 44332211 ccbbaa99 04000800 0100000001000000" +
        "05000800 0200000000000000 0000 0000 4c000000",
    ),
  );
});
