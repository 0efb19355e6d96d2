import { assertEquals, assertMatch } from "@std/assert";
import { Output } from "../../../src/cli/process/output.ts";
import type { ServePlan } from "../../../src/cli/serve/plan.ts";
import { createReport } from "../../../src/cli/serve/report.ts";
import type { TappedPacket } from "../../../src/echo/capture/tap.ts";
import { PING4 } from "../../testdata/captured_packets.ts";
import { CapturedStream } from "../fake_environment.ts";

const PLAN: ServePlan = {
  name: "lab",
  creation: {},
  settings: {},
  ringBytes: 0x20000,
  echo: { icmp: true, udp: true },
  logPackets: true,
  force: false,
  removeLegacy: false,
};

/** A packet that arrived at 2026-01-02T03:04:05.6789012Z. */
const PACKET: TappedPacket = {
  timeNs: 1_767_323_045_678_901_200n,
  direction: "in",
  verdict: "ignored",
  length: PING4.length,
  bytes: PING4,
};

function reportOf(packet: TappedPacket, json: boolean): CapturedStream {
  const stdout = new CapturedStream();
  const output = new Output(stdout, new CapturedStream(), { json, quiet: false, verbose: false });
  createReport(output, PLAN).packet(packet);
  return stdout;
}

Deno.test("a packet is logged with its time in microseconds for people, in nanoseconds for programs", () => {
  assertMatch(reportOf(PACKET, false).text, /^\d\d:\d\d:05\.678901 in {2}.* \[ignored\]\n$/);
  assertEquals(reportOf(PACKET, true).objects[0].time, "2026-01-02T03:04:05.678901200Z");
});
