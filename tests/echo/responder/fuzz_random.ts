/** A seeded source of random numbers (SplitMix32), so that every fuzz case can be repeated. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** Returns 32 random bits. */
  bits(): number {
    this.#state = this.#state + 0x9e3779b9 | 0;
    let x = this.#state;
    x = Math.imul(x ^ x >>> 16, 0x21f0aaad);
    x = Math.imul(x ^ x >>> 15, 0x735a2d97);
    return (x ^ x >>> 15) >>> 0;
  }

  /** Returns a number from 0 to `below` - 1. */
  below(below: number): number {
    return this.bits() % below;
  }

  /** Returns true in `chance` of a hundred cases. */
  percent(chance: number): boolean {
    return this.below(100) < chance;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.bits();
    return bytes;
  }
}
