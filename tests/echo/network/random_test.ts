import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createRandom, RANDOM_RANGE, xoshiro128 } from "../../../src/echo/network/random.ts";

const take = (random: () => number, count: number): number[] => Array.from({ length: count }, random);

Deno.test("xoshiro128() gives the numbers of xoshiro128** 1.1, without the lowest bit", () => {
  // Made by the published C program for the state 1, 2, 3, 4.
  const published = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597];
  assertEquals(take(xoshiro128([1, 2, 3, 4]), 9), published.map((number) => number >>> 1));
});

Deno.test("createRandom() repeats itself for a seed, and differs from seed to seed", () => {
  for (const seed of [0, 1, 0xffff_ffff]) {
    assertEquals(take(createRandom(seed), 5), take(createRandom(seed), 5));
    assertNotEquals(take(createRandom(seed), 5), take(createRandom(seed + 1), 5));
  }
});

Deno.test("createRandom() spreads its numbers evenly over its range", () => {
  const numbers = take(createRandom(1), 100_000);
  assert(numbers.every((number) => Number.isInteger(number) && number >= 0 && number < RANDOM_RANGE));
  const tenths = new Array(10).fill(0);
  for (const number of numbers) tenths[Math.floor(10 * number / RANDOM_RANGE)]++;
  // Five standard deviations of 95.
  for (const tenth of tenths) assert(Math.abs(tenth - 10_000) < 475, `${tenths}`);
});
