import { assert, assertEquals } from "@std/assert";
import { LoadMeter } from "../../src/echo/load_meter.ts";

/** A meter with a clock that the test sets, and that counts how often it is read. */
class Scene {
  ms = 1000;
  looks = 0;
  bytes = 0;
  readonly #meter = new LoadMeter(() => {
    this.looks++;
    return this.ms;
  });

  /** Lets `times` batches of `bytes` come, `ms` apart. Returns whether traffic was high at the end. */
  receive(times: number, bytes: number, ms: number): boolean {
    let isHigh = false;
    for (; times > 0; times--) {
      this.ms += ms;
      this.bytes += bytes;
      isHigh = this.#meter.isHigh(this.bytes);
    }
    return isHigh;
  }
}

Deno.test("LoadMeter finds 100 MB a second high, after half a second of it", () => {
  const scene = new Scene();
  assert(!scene.receive(490, 100_000, 1));
  assert(scene.receive(20, 100_000, 1));
});

Deno.test("LoadMeter finds less than 100 MB a second not high", () => {
  assert(!new Scene().receive(2000, 99_000, 1));
});

Deno.test("LoadMeter finds traffic low again after at most 64 packets of it", () => {
  const scene = new Scene();
  assert(scene.receive(600, 200_000, 1));
  assert(!scene.receive(64, 84, 1000));
});

Deno.test("LoadMeter asks the clock about once a megabyte", () => {
  const scene = new Scene();
  scene.receive(640, 50_000, 1);
  assertEquals(scene.looks, 1 + 32);
});
