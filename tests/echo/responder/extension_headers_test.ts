import { assertEquals } from "@std/assert";
import { parseIcmpEcho } from "../../wire/icmp_echo.ts";
import { parseIp } from "../../../src/wire/ip.ts";
import * as captured from "../../testdata/captured_packets.ts";
import { changed, extended, IGNORED, MALFORMED, REPLY, replyTo, verdictOf } from "./harness.ts";

Deno.test("a fragment header on a whole IPv6 datagram is walked (RFC 6946)", () => {
  const atomic = extended(captured.PING6, 44, [58, 0, 0, 0, 1, 2, 3, 4]);
  assertEquals(replyTo(atomic)[48], 129);
  assertEquals(
    verdictOf(extended(captured.PING6, 44, [44, 0, 0, 0, 1, 2, 3, 4, 58, 0, 0, 0, 1, 2, 3, 4])),
    IGNORED,
  );
});

Deno.test("IPv6 extension headers are walked to the echo request and kept in the reply", () => {
  const padN = [1, 4, 0, 0, 0, 0];
  const headers = [
    60,
    0,
    ...padN,
    43,
    0,
    ...padN,
    60,
    0,
    4,
    0,
    0,
    0,
    0,
    0,
    58,
    1,
    1,
    12,
    ...new Array(12).fill(0),
  ];
  const request = extended(captured.PING6, 0, headers);
  const reply = replyTo(request);
  assertEquals(reply.subarray(40, 40 + headers.length), Uint8Array.from(headers));
  assertEquals(parseIcmpEcho(reply, parseIp(reply))?.isRequest, false);
});

Deno.test("routing headers with segments left, AH, ESP and no next header are ignored", () => {
  assertEquals(verdictOf(extended(captured.PING6, 43, [58, 0, 4, 1, 0, 0, 0, 0])), IGNORED);
  assertEquals(verdictOf(extended(captured.PING6, 51, [58, 0, 0, 0, 0, 0, 0, 0])), IGNORED);
  assertEquals(verdictOf(extended(captured.PING6, 50, [58, 0, 0, 0, 0, 0, 0, 0])), IGNORED);
  assertEquals(verdictOf(extended(captured.PING6, 59, [])), IGNORED);
  assertEquals(verdictOf(extended(captured.PING6, 60, [59, 0, 1, 4, 0, 0, 0, 0])), IGNORED);
});

Deno.test("IPv6 options that a node must know are ignored, others skipped, overrunning ones malformed", () => {
  for (const type of [0x40, 0x80, 0xc2, 0xc9]) {
    assertEquals(verdictOf(extended(captured.PING6, 60, [58, 0, type, 4, 0, 0, 0, 0])), IGNORED);
  }
  assertEquals(verdictOf(extended(captured.PING6, 60, [58, 0, 0x1e, 4, 0, 0, 0, 0])), REPLY);
  assertEquals(verdictOf(extended(captured.PING6, 0, [58, 0, 5, 2, 0, 0, 0, 0])), REPLY);
  assertEquals(verdictOf(extended(captured.PING6, 60, [58, 0, 1, 5, 0, 0, 0, 0])), MALFORMED);
  assertEquals(verdictOf(extended(captured.PING6, 60, [58, 0, 0, 0, 0, 0, 0, 1])), MALFORMED);
});

Deno.test("hop-by-hop options anywhere but first, and headers that overrun the packet, are malformed", () => {
  const padded = [0, 1, 4, 0, 0, 0, 0];
  assertEquals(verdictOf(extended(captured.PING6, 60, [0, ...padded, 58, ...padded])), MALFORMED);
  assertEquals(verdictOf(extended(captured.PING6, 60, [58, 9, 1, 4, 0, 0, 0, 0])), MALFORMED);
  assertEquals(verdictOf(changed(captured.PING6.slice(0, 44), { 5: 4, 6: 60 })), MALFORMED);
  assertEquals(verdictOf(changed(captured.PING6.slice(0, 44), { 5: 4, 6: 44 })), MALFORMED);
});

Deno.test("a chain of eight extension headers is walked, a longer one ignored", () => {
  const header = [60, 0, 1, 4, 0, 0, 0, 0];
  const chain = (
    count: number,
  ): number[] => [...new Array(count - 1).fill(header).flat(), 58, ...header.slice(1)];
  assertEquals(verdictOf(extended(captured.PING6, 60, chain(8))), REPLY);
  assertEquals(verdictOf(extended(captured.PING6, 60, chain(9))), IGNORED);
});
