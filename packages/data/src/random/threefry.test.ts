import { random } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { fold, foldName, keyOf, threefry } from "./threefry.ts";

describe("Threefry-2x32, 20 rounds", () => {
  // Known-answer tests of Random123 1.14 (kat_vectors, lines "threefry2x32 20").
  it.each([
    { counter: [0, 0], key: [0, 0], block: [0x6b200159, 0x99ba4efe] },
    { counter: [0xffffffff, 0xffffffff], key: [0xffffffff, 0xffffffff], block: [0x1cb996fc, 0xbb002be7] },
    { counter: [0x243f6a88, 0x85a308d3], key: [0x13198a2e, 0x03707344], block: [0xc4923a9c, 0x483df7a0] },
  ] as const)("gives Random123's block for counter $counter", ({ counter, key, block }) => {
    expect(threefry(key, counter[0], counter[1])).toEqual(block);
  });

  it("gives the blocks of @vitscale/core, which has it for tensors", () => {
    for (let i = 0; i < 100; i++) {
      const [key0, key1, counter0, counter1] = [1, 2, 3, 4].map((n) => Math.imul(i + 1, n * 0x9e3779b1) >>> 0) as [
        number,
        number,
        number,
        number,
      ];
      const words = random.threefry2x32([key0, key1], [counter0, counter1]).map((word) => word >>> 0);
      expect(threefry([key0, key1], counter0, counter1)).toEqual(words);
    }
  });

  it("folds as jax.random.fold_in does", () => {
    // jax 0.10.2: jax.random.key_data(jax.random.fold_in(jax.random.key(42), 7))
    expect(fold(keyOf(42), 7)).toEqual([2547012911, 1371500959]);
  });
});

describe("keys", () => {
  it("splits a seed above 32 bits into two words", () => {
    expect(keyOf(2 ** 32 + 5)).toEqual([1, 5]);
    expect(keyOf(2 ** 53 - 1)).toEqual([0x1fffff, 0xffffffff]);
  });

  it.each([-1, 0.5, 2 ** 53, Number.NaN])("refuses seed %s", (seed) => {
    expect(() => keyOf(seed)).toThrow(`seed ${seed} is not an integer from 0 to 2^53 - 1; use one, for example 0`);
  });

  it("gives each number and each name its own key", () => {
    const key = keyOf(0);
    const keys = [
      ...Array.from({ length: 1000 }, (_, i) => fold(key, i)),
      ...["order", "augment", "mix", "redro"].map((name) => foldName(key, name)),
    ];
    expect(new Set(keys.map(String)).size).toBe(1004);
  });

  it("depends on the order of folding", () => {
    expect(fold(fold(keyOf(0), 1), 2)).not.toEqual(fold(fold(keyOf(0), 2), 1));
  });
});
