import { assertEquals } from "@std/assert";
import { PingReplies } from "../../../src/echo/network/ping_reply.ts";

const reply = (
  sequence: number,
  roundTripUs: number,
  isDuplicate = false,
): Parameters<PingReplies["add"]>[0] => ({
  sequence,
  bytes: 84,
  timeToLive: 64,
  roundTripUs,
  isDuplicate,
});

Deno.test("PingReplies sums up as ping does, and leaves duplicates out of the times", () => {
  const replies = new PingReplies();
  for (const sequence of [1, 2, 3, 4]) replies.add(reply(sequence, 1000 * sequence));
  replies.add(reply(4, 900_000, true));
  assertEquals(replies.summary(5), {
    sent: 5,
    received: 4,
    lost: 0,
    duplicates: 1,
    roundTripUs: { min: 1000, average: 2500, max: 4000, mdev: Math.sqrt(1_250_000) },
  });
});

Deno.test("PingReplies has no times without a reply", () => {
  assertEquals(new PingReplies().summary(3), { sent: 3, received: 0, lost: 2, duplicates: 0 });
});

Deno.test("PingReplies counts a request as lost when another one follows it", () => {
  const replies = new PingReplies();
  replies.add(reply(1, 1000));
  assertEquals([1, 2, 3].map((sent) => replies.summary(sent).lost), [0, 0, 1]);
  replies.add(reply(3, 1000));
  assertEquals(replies.summary(3).lost, 1);
});
