import { assertEquals } from "@std/assert";
import { PingReplies } from "../../../src/echo/network/ping_reply.ts";

const reply = (roundTripUs: number, isDuplicate = false): Parameters<PingReplies["add"]>[0] => ({
  sequence: 1,
  bytes: 84,
  timeToLive: 64,
  roundTripUs,
  isDuplicate,
});

Deno.test("PingReplies sums up as ping does, and leaves duplicates out of the times", () => {
  const replies = new PingReplies();
  for (const time of [1000, 2000, 3000, 4000]) replies.add(reply(time));
  replies.add(reply(900_000, true));
  assertEquals(replies.summary(5), {
    sent: 5,
    received: 4,
    duplicates: 1,
    roundTripUs: { min: 1000, average: 2500, max: 4000, mdev: Math.sqrt(1_250_000) },
  });
});

Deno.test("PingReplies has no times without a reply", () => {
  assertEquals(new PingReplies().summary(3), { sent: 3, received: 0, duplicates: 0 });
});
