import { assert, assertEquals } from "@std/assert";
import {
  describePingStatus,
  pingPayload,
  type PingSeries,
  PingTally,
} from "../../../src/windows/network/ping_series.ts";
import { parseIpAddress } from "../../../src/wire/ip_address.ts";

const payload = pingPayload(32);
const NOTHING = new Uint8Array(0);

/** Begins a series on a clock that the test sets. */
function begin(changes: Partial<PingSeries> = {}): { clock: { ms: number }; tally: PingTally } {
  const clock = { ms: 1000 };
  const target = parseIpAddress("192.0.2.9");
  const series = {
    target,
    payloadBytes: 32,
    parallel: 1,
    count: 100,
    durationMs: 5000,
    timeoutMs: 1000,
    ...changes,
  };
  return { clock, tally: new PingTally(series, payload, () => clock.ms) };
}

Deno.test("pingPayload() repeats the payload of ping.exe", () => {
  assertEquals(new TextDecoder().decode(pingPayload(32)), "abcdefghijklmnopqrstuvwabcdefghi");
});

Deno.test("PingTally finds the least round trip, the median, and the time of 99 in 100", () => {
  const { clock, tally } = begin();
  for (let ms = 100; ms >= 1; ms--) {
    const end = tally.begin();
    clock.ms += ms;
    end(0, payload);
  }
  const { sent, answered, seconds, roundTripUs } = tally.outcome();
  assertEquals([sent, answered, seconds], [100, 100, 5.05]);
  assertEquals(roundTripUs, { min: 1000, median: 51_000, p99: 100_000 });
});

Deno.test("PingTally ends a series with its count, with its time, and when three pings are lost", () => {
  const counted = begin({ count: 2 }).tally;
  counted.begin();
  assert(counted.wantsMore);
  counted.begin();
  assert(!counted.wantsMore);
  const { clock, tally: timed } = begin();
  clock.ms += 4999;
  assert(timed.wantsMore);
  clock.ms += 1;
  assert(!timed.wantsMore);
  const { tally: lossy } = begin();
  for (const status of [11_010, 11_003]) lossy.begin()(status, NOTHING);
  assert(lossy.wantsMore);
  lossy.begin()(11_010, NOTHING);
  assert(!lossy.wantsMore);
  assertEquals(lossy.outcome().failures, [{ status: 11_010, count: 2 }, { status: 11_003, count: 1 }]);
  assertEquals(lossy.outcome().roundTripUs, undefined);
});

Deno.test("PingTally does not take a reply with other bytes for an answer", () => {
  const { tally } = begin();
  tally.begin()(0, payload.subarray(1));
  tally.begin()(0, payload.with(31, 0));
  const { answered, wrong, failures } = tally.outcome();
  assertEquals([answered, wrong, failures], [0, 2, []]);
});

Deno.test("describePingStatus() tells an IP_STATUS from a Windows error", () => {
  assertEquals(describePingStatus(11_010), "timed out");
  assertEquals(describePingStatus(11_018), "ended with IP_STATUS 11018");
  assertEquals(describePingStatus(1231), "ended with error 1231");
});
