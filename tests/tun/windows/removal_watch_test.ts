import { assertEquals } from "@std/assert";
import { RemovalWatch } from "../../../src/tun/windows/removal_watch.ts";

/** A watch with a clock that only the test advances. The device exists until the test changes `isThere`. */
class WatchUnderTest {
  looks = 0;
  isThere = (): boolean => true;
  hasResolved = false;
  readonly watch: RemovalWatch;
  #timer: { readonly callback: () => void; readonly atMs: number } | undefined;
  #nowMs = 0;

  constructor() {
    this.watch = new RemovalWatch(
      () => {
        this.looks++;
        return this.isThere();
      },
      (callback, ms) => {
        const timer = { callback, atMs: this.#nowMs + ms };
        this.#timer = timer;
        return () => {
          if (this.#timer === timer) this.#timer = undefined;
        };
      },
    );
    this.watch.removed.then(() => this.hasResolved = true);
  }

  /** Advances the clock by that many milliseconds. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    while (this.#timer !== undefined && this.#timer.atMs <= endMs) {
      const { callback, atMs } = this.#timer;
      this.#timer = undefined;
      this.#nowMs = atMs;
      callback();
    }
    this.#nowMs = endMs;
    await Promise.resolve();
  }
}

Deno.test("RemovalWatch looks once a second, and notices within 2 seconds that the device is gone", async () => {
  const under = new WatchUnderTest();
  await under.pass(60_000);
  assertEquals([under.looks, under.hasResolved], [60, false]);
  under.isThere = () => false;
  await under.pass(2_000);
  assertEquals([under.looks, under.hasResolved], [61, true]);
});

Deno.test("RemovalWatch does not take an error of Windows for a removal", async () => {
  const under = new WatchUnderTest();
  under.isThere = () => {
    throw new Error("Windows is busy");
  };
  await under.pass(10_000);
  assertEquals(under.hasResolved, false);
  under.isThere = () => false;
  await under.pass(1_000);
  assertEquals(under.hasResolved, true);
});

Deno.test("RemovalWatch looks no more when it is closed", async () => {
  const under = new WatchUnderTest();
  await under.pass(5_000);
  under.watch.close();
  under.watch.close();
  under.isThere = () => false;
  await under.pass(5_000);
  assertEquals([under.looks, under.hasResolved], [5, false]);
});
