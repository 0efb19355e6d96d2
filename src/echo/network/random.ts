/** The range of a random number: 0 to `RANDOM_RANGE` - 1. */
export const RANDOM_RANGE = 0x8000_0000;

/** Returns the next random number, from 0 to `RANDOM_RANGE` - 1. */
export type Random = () => number;

/**
 * Makes a source of random numbers: xoshiro128** 1.1 by Blackman and Vigna, its state filled by SplitMix32. The same seed
 * gives the same numbers. The lowest bit of each result is left out, so that V8 needs no heap object for it.
 *
 * @param seed 0 to 4294967295.
 */
export function createRandom(seed: number): Random {
  let split = seed | 0;
  return xoshiro128([next(), next(), next(), next()]);

  function next(): number {
    split = split + 0x9e37_79b9 | 0;
    let mixed = Math.imul(split ^ split >>> 16, 0x21f0_aaad);
    mixed = Math.imul(mixed ^ mixed >>> 15, 0x735a_2d97);
    return mixed ^ mixed >>> 15;
  }
}

/** The same from a state of four 32-bit words, of which one is not 0. */
export function xoshiro128(state: readonly [number, number, number, number]): Random {
  let [a, b, c, d] = state;
  return () => {
    const product = Math.imul(b, 5);
    const result = Math.imul(product << 7 | product >>> 25, 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = d << 11 | d >>> 21;
    return result >>> 1;
  };
}
