import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../src/cli/arguments/usage_error.ts";
import { echoNames, readEcho } from "../../../src/cli/serve/echo_kinds.ts";

Deno.test("readEcho() reads kinds, and ports behind udp:", () => {
  for (
    const [text, names] of [
      ["icmp", ["icmp"]],
      ["UDP", ["udp"]],
      ["udp,icmp", ["icmp", "udp"]],
      ["none", []],
      ["udp:7", ["udp:7"]],
      ["udp:7,5000-5010", ["udp:7,5000-5010"]],
      ["udp:7,5000-5010,icmp", ["icmp", "udp:7,5000-5010"]],
      ["icmp,udp:7,udp:9", ["icmp", "udp:7,9"]],
      ["udp:7,udp", ["udp"]],
      ["udp,udp:7", ["udp"]],
    ] as const
  ) assertEquals(echoNames(readEcho(text)), [...names], text);
});

Deno.test("readEcho() refuses ports without udp:, and what is no port", () => {
  for (const text of ["7", "icmp,7", "udp,7", "udp:", "udp:0", "udp:7,x", "udp:9-7", "none,udp:7", ""]) {
    assertThrows(() => readEcho(text), UsageError, text);
  }
});
