import { random } from "@vitscale/core";
import { expect, it } from "vitest";
import { ascendingOrder } from "./order.ts";

it("is the stable order of a comparator, for both precisions, signs and infinities", () => {
  const words = random.threefryBits(1, 2, 3000);
  for (const scale of [2 ** -31, 2 ** -26, 1e9]) {
    const numbers = Array.from(words, (word, i) =>
      i % 7 === 0 ? -0 : i % 11 === 0 ? Math.round(word * 2 ** -29) : word * scale,
    );
    numbers.push(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, Number.MIN_VALUE, -Number.MIN_VALUE);
    for (const values of [Float64Array.from(numbers), Float32Array.from(numbers)]) {
      const expected = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b);
      // Differences of equal infinities would be NaN; there is one of each.
      expect([...ascendingOrder(values)]).toEqual(expected);
    }
  }
  // Runs that agree in their upper 32 bits, short and long, of either sign; some of them equal altogether.
  const crowded = Float64Array.from(words, (word, i) => (i % 2 ? 1 : -1) * (1 + (i % 40) + (word & 255) * 2 ** -45));
  const expected = Array.from(crowded.keys()).sort((a, b) => crowded[a]! - crowded[b]! || a - b);
  expect([...ascendingOrder(crowded)]).toEqual(expected);
  expect([...ascendingOrder(crowded.subarray(0, 100))]).toEqual(expected.filter((row) => row < 100));
  expect(ascendingOrder(new Float32Array(0))).toHaveLength(0);
});
