import { assertEquals } from "@std/assert";
import { NetworkPlay } from "../../../../src/cli/serve/network/play.ts";
import type { PingReply } from "../../../../src/echo/network/ping_reply.ts";
import { type NetworkPlan, PERFECT_LINK } from "../../../../src/echo/network/plan.ts";
import { TOTAL } from "../../../../src/echo/network/statistics.ts";
import { parseIpAddress } from "../../../../src/wire/ip_address.ts";

const PLAN: NetworkPlan = {
  unreachable: false,
  routers: [parseIpAddress("10.77.0.254")],
  hops: 0,
  refuse: false,
  link: PERFECT_LINK,
  seed: 1,
  changes: [],
  ping: { target: parseIpAddress("10.77.0.1"), source: parseIpAddress("10.77.0.2"), intervalMs: 1000 },
};

const reply = (sequence: number): PingReply => ({
  sequence,
  bytes: 84,
  timeToLive: 128,
  roundTripUs: 1000,
  isDuplicate: false,
});

Deno.test("The pings of a session that takes the place of another are counted on from those before", () => {
  const sequences: number[] = [];
  const play = new NetworkPlay(PLAN, ({ sequence }) => sequences.push(sequence));
  const first = play.run(0);
  const sent = (count: number): void => {
    new Float64Array(first.statistics)[TOTAL.pingsSent] = count;
  };
  sent(2);
  play.addReply(reply(1));
  play.addReply(reply(2));
  const second = play.run(2500);
  assertEquals([second.elapsedMs, second.statistics === first.statistics], [2500, true]);
  sent(4);
  play.addReply(reply(2));
  assertEquals(sequences, [1, 2, 4]);
  const { sent: all, received, lost } = play.state.ping!.summary;
  assertEquals([all, received, lost], [4, 3, 1]);
});
