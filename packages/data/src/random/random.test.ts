import { describe, expect, it } from "vitest";
import { Random } from "./random.ts";
import { fold, keyOf, threefry } from "./threefry.ts";

const draws = 20_000;

/** Mean and variance of many draws. */
function moments(draw: () => number) {
  const values = Array.from({ length: draws }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / draws;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws;
  return { mean, variance };
}

/** Pearson's statistic of counts that should be equal. */
function chiSquare(counts: readonly number[]) {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe("Random", () => {
  it("walks through the blocks of its key, word by word", () => {
    const key = keyOf(9);
    const random = new Random(key);
    const words = Array.from({ length: 6 }, () => random.bits());
    expect(words).toEqual([...threefry(key, 0, 0), ...threefry(key, 0, 1), ...threefry(key, 0, 2)]);
  });

  it("has the moments of the uniform distribution", () => {
    const random = new Random(keyOf(1));
    const { mean, variance } = moments(() => random.uniform(2, 5));
    expect(mean).toBeCloseTo(3.5, 1);
    expect(variance).toBeCloseTo(9 / 12, 1);
  });

  it("has the moments of the normal distribution", () => {
    const random = new Random(keyOf(2));
    const { mean, variance } = moments(() => random.normal());
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });

  // Var Beta(a, b) = ab / ((a+b)^2 (a+b+1))
  it.each([
    [0.2, 0.2],
    [1, 1],
    [0.5, 3],
    [4, 2],
  ])("has the moments of Beta(%s, %s)", (a, b) => {
    const random = new Random(keyOf(3));
    const { mean, variance } = moments(() => random.beta(a, b));
    expect(mean).toBeCloseTo(a / (a + b), 1);
    expect(variance).toBeCloseTo((a * b) / ((a + b) ** 2 * (a + b + 1)), 2);
  });

  it("stays within [0, 1] where a gamma underflows", () => {
    const random = new Random(keyOf(4));
    for (let i = 0; i < 200; i++) {
      const value = random.beta(1e-4, 1e-4);
      expect(value >= 0 && value <= 1).toBe(true);
    }
  });

  it("draws integers evenly", () => {
    const random = new Random(keyOf(5));
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < draws; i++) counts[random.integer(7)]! += 1;
    expect(chiSquare(counts)).toBeLessThan(22.5); // 6 degrees of freedom, p = 0.001
  });
});

describe("permutation", () => {
  it.each([0, 1, 2, 1000])("is a permutation of %s numbers", (length) => {
    expect([...new Random(keyOf(0)).permutation(length)].sort((a, b) => a - b)).toEqual(
      Array.from({ length }, (_, i) => i),
    );
  });

  it("gives all 24 orders of four equally often", () => {
    const counts = new Map<string, number>();
    for (let epoch = 0; epoch < 4800; epoch++) {
      const order = new Random(fold(keyOf(0), epoch)).permutation(4).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()])).toBeLessThan(49.7); // 23 degrees of freedom, p = 0.001
  });
});
