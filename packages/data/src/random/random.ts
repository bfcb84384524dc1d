import { type Key, threefry } from "./threefry.ts";

/**
 * Random numbers drawn one after another from a key.
 *
 * Two streams of one key give the same numbers; streams of different keys are independent. A stream is cheap (a counter
 * and one block of two words), so every sample and every operation has its own.
 */
export class Random {
  #block = 0;
  #spare: number | undefined;

  constructor(readonly key: Key) {}

  /** 32 random bits as an integer in [0, 2^32). */
  bits(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    const [first, second] = threefry(this.key, 0, this.#block++);
    this.#spare = second;
    return first;
  }

  /** A number in [low, high), of 32 random bits. */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.bits() / 2 ** 32);
  }

  /** An integer in [0, bound), all equally likely. */
  integer(bound: number): number {
    // Draws above the largest multiple of the bound would favour small results; they are drawn again.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let bits = this.bits();
    while (bits >= limit) bits = this.bits();
    return bits % bound;
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** One item of a list that is not empty, all equally likely. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)]!;
  }

  /** Numbers 0 to length - 1 in random order, all orders equally likely (Fisher-Yates). Four bytes a number. */
  permutation(length: number): Uint32Array {
    const order = new Uint32Array(length);
    for (let i = 0; i < length; i++) {
      const j = this.integer(i + 1);
      order[i] = order[j]!;
      order[j] = i;
    }
    return order;
  }

  /** A standard normal number (Box-Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A gamma number of unit scale (Marsaglia and Tsang 2000; a shape below 1 by their boost). */
  gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * (1 - this.uniform()) ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v <= 0) continue;
      if (Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** A number in [0, 1] of the distribution Beta(a, b). */
  beta(a: number, b: number): number {
    const first = this.gamma(a);
    const second = this.gamma(b);
    // Tiny shapes can underflow both; the distribution is then a coin with weights a : b.
    if (first + second === 0) return this.chance(a / (a + b)) ? 1 : 0;
    return first / (first + second);
  }
}

/** Numbers 0 to length - 1 in the random order of a key. */
export function permutation(length: number, key: Key): Uint32Array {
  return new Random(key).permutation(length);
}
