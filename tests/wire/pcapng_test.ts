import { assertEquals, assertThrows } from "@std/assert";
import {
  ENHANCED_PACKET_OVERHEAD,
  enhancedPacketLength,
  INBOUND,
  interfaceDescriptionBlock,
  interfaceStatisticsBlock,
  OUTBOUND,
  type PacketRecord,
  sectionHeaderBlock,
  writeEnhancedPacket,
} from "../../src/wire/pcapng.ts";

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(" ", "").match(/../g) ?? [], (byte) => parseInt(byte, 16));

/** Writes into dirty memory, checks that nothing around the block changed, and gives the block. */
function writtenBlock(packet: Uint8Array, record: PacketRecord): Uint8Array {
  const memory = new Uint8Array(256).fill(0xee);
  // A view that does not start its buffer.
  const target = memory.subarray(3, 250);
  const view = new DataView(memory.buffer, 3, 247);
  const length = writeEnhancedPacket(target, view, 8, packet, record);
  assertEquals(length, enhancedPacketLength(packet.length, record));
  assertEquals(length % 4, 0);
  assertEquals(memory.subarray(0, 11), new Uint8Array(11).fill(0xee));
  assertEquals(memory.subarray(11 + length), new Uint8Array(256 - 11 - length).fill(0xee));
  return target.slice(8, 8 + length);
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

Deno.test("writeEnhancedPacket() writes timestamp halves, lengths, padded data and the direction", () => {
  const record: PacketRecord = {
    timestampHigh: 0x187a8d2e,
    timestampLow: 0xfedcba98,
    direction: INBOUND,
    originalLength: 1400,
    dropCount: 0,
  };
  const block = writtenBlock(Uint8Array.of(0x45, 1, 2, 3, 4), record);
  assertEquals(
    block,
    hex(
      "06000000 34000000 00000000 2e8d7a18 98badcfe 05000000 78050000 4501020304 000000" +
        "0200 0400 01000000 0000 0000 34000000",
    ),
  );
  assertEquals(block.length, ENHANCED_PACKET_OVERHEAD + 8);
});

Deno.test("writeEnhancedPacket() writes a comment and a drop count above 32 bits", () => {
  const block = writtenBlock(Uint8Array.of(1, 2, 3, 4), {
    timestampHigh: 0,
    timestampLow: 1,
    direction: OUTBOUND,
    originalLength: 4,
    dropCount: 0x1_0000_0002,
    comment: new TextEncoder().encode("ring full"),
  });
  assertEquals(
    block,
    hex(
      "06000000 4c000000 00000000 00000000 01000000 04000000 04000000 01020304" +
        "0100 0900 72696e672066756c6c 000000 0200 0400 02000000 0400 0800 0200000001000000 0000 0000 4c000000",
    ),
  );
});

Deno.test("writeEnhancedPacket() writes an empty packet, and refuses a target that is too small", () => {
  const record: PacketRecord = {
    timestampHigh: 0,
    timestampLow: 0,
    direction: INBOUND,
    originalLength: 0,
    dropCount: 0,
  };
  assertEquals(writtenBlock(new Uint8Array(0), record).length, ENHANCED_PACKET_OVERHEAD);
  const target = new Uint8Array(ENHANCED_PACKET_OVERHEAD + 3);
  const view = new DataView(target.buffer);
  assertThrows(() => writeEnhancedPacket(target, view, 0, new Uint8Array(1), record), RangeError);
  assertThrows(() => writeEnhancedPacket(target, view, 4, new Uint8Array(0), record), RangeError);
  assertEquals(target, new Uint8Array(target.length));
});

Deno.test("interfaceStatisticsBlock() writes times high half first and 64-bit counters", () => {
  assertEquals(
    interfaceStatisticsBlock({
      startTimeNs: 0x1122_3344_5566_7788n,
      endTimeNs: 0x1122_3344_99aa_bbccn,
      received: 0x1_0000_0001,
      dropped: 2,
      notCaptured: 3,
    }),
    hex(
      "05000000 58000000 00000000 44332211 ccbbaa99" +
        "02000800 44332211 88776655 03000800 44332211 ccbbaa99 04000800 0100000001000000" +
        "05000800 0200000000000000 07000800 0300000000000000 0000 0000 58000000",
    ),
  );
});
