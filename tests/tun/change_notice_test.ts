import { assertEquals, assertRejects } from "@std/assert";
import { ChangeNotice } from "../../src/tun/change_notice.ts";

/** Follows the notices, and counts them. `next` waits for one. */
class Follower {
  readonly end = new AbortController();
  readonly #notices: AsyncGenerator<void, void, void>;

  constructor(notice: ChangeNotice, settleMs?: number) {
    this.#notices = notice.follow(this.end.signal, settleMs);
  }

  /** Returns whether there is another notice: `false` after the end. */
  async next(): Promise<boolean> {
    return (await this.#notices.next()).done !== true;
  }

  /** Returns whether there is another notice soon. */
  async nextSoon(ms: number): Promise<boolean> {
    const timer = setTimeout(() => this.end.abort(), ms);
    const isThere = await this.next();
    clearTimeout(timer);
    return isThere;
  }
}

Deno.test("ChangeNotice yields at once, and after each notice", async () => {
  const notice = new ChangeNotice();
  const follower = new Follower(notice);
  assertEquals(await follower.next(), true);
  for (let round = 0; round < 2; round++) {
    const next = follower.next();
    notice.notify();
    assertEquals(await next, true);
  }
  assertEquals(await follower.nextSoon(20), false);
});

Deno.test("ChangeNotice yields once for a burst, and once more for what came while the caller was busy", async () => {
  const notice = new ChangeNotice();
  const follower = new Follower(notice);
  await follower.next();
  const first = follower.next();
  for (let count = 0; count < 100; count++) notice.notify();
  assertEquals(await first, true);
  // The caller is busy with the first one.
  notice.notify();
  assertEquals(await follower.next(), true);
  assertEquals(await follower.nextSoon(100), false);
});

Deno.test("ChangeNotice yields once more after a notice if its machine needs time to settle, and then no more", async () => {
  const notice = new ChangeNotice();
  const follower = new Follower(notice, 10);
  await follower.next();
  const first = follower.next();
  notice.notify();
  assertEquals([await first, await follower.next(), await follower.nextSoon(100)], [true, true, false]);
});

Deno.test("ChangeNotice yields once more after the beginning if its machine needs time to settle", async () => {
  const follower = new Follower(new ChangeNotice(), 10);
  assertEquals([await follower.next(), await follower.next(), await follower.nextSoon(100)], [
    true,
    true,
    false,
  ]);
});

Deno.test("ChangeNotice ends at once when the signal is aborted, also before it begins", async () => {
  const notice = new ChangeNotice();
  const follower = new Follower(notice, 60_000);
  await follower.next();
  const next = follower.next();
  follower.end.abort();
  assertEquals(await next, false);
  const late = new Follower(notice);
  late.end.abort();
  assertEquals(await late.next(), false);
});

Deno.test("ChangeNotice passes a failure on to everybody who follows, now and later", async () => {
  const notice = new ChangeNotice();
  const follower = new Follower(notice);
  await follower.next();
  const next = follower.next();
  notice.fail(new RangeError("no more notices"));
  await assertRejects(() => next, RangeError, "no more notices");
});
