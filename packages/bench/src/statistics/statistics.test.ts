import { describe, expect, it } from "vitest";
import { pairedDifferences, pairedRatios } from "./paired.ts";
import { mean, median, quantile, standardDeviation, summarize } from "./summary.ts";

describe("summaries", () => {
  it("agree with closed forms on the whole numbers 0 … 100, in any order", () => {
    const values = Array.from({ length: 101 }, (_, index) => (index * 37) % 101);
    expect(summarize(values)).toEqual({ count: 101, median: 50, lower: 25, upper: 75, min: 0, max: 100 });
    // Variance of 0 … n−1 with n − 1 in the denominator is n(n + 1)/12.
    expect(standardDeviation(values) ** 2).toBeCloseTo((101 * 102) / 12, 9);
    expect(mean(values)).toBe(50);
  });

  it("interpolate as numpy.quantile does", () => {
    // numpy.quantile([1, 2, 4, 8], [0.25, 0.5, 0.75, 0.875]) → 1.75, 3, 5, 6.5
    expect([0.25, 0.5, 0.75, 0.875].map((share) => quantile([8, 1, 4, 2], share))).toEqual([1.75, 3, 5, 6.5]);
  });

  it("of one value are that value", () => {
    expect(summarize([7])).toEqual({ count: 1, median: 7, lower: 7, upper: 7, min: 7, max: 7 });
    expect(standardDeviation([7])).toBe(0);
  });

  it("keep a loss that ran away", () => {
    expect(median([1, 2, Number.POSITIVE_INFINITY])).toBe(2);
    expect(quantile([1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY], 1)).toBe(Number.POSITIVE_INFINITY);
  });

  it("refuse to summarise nothing", () => {
    expect(() => median([])).toThrow("no values were given; a quantile needs at least one measurement");
  });
});

describe("pairs", () => {
  it("cancel what slows both members of a round", () => {
    const load = [1, 3, 2, 10];
    const ratios = pairedRatios(
      load.map((factor) => 30 * factor),
      load.map((factor) => 20 * factor),
    );
    expect(ratios).toEqual([1.5, 1.5, 1.5, 1.5]);
    expect(pairedDifferences([3, 5], [1, 1])).toEqual([2, 4]);
  });

  it("name both counts when a round is missing", () => {
    expect(() => pairedRatios([1, 2], [1])).toThrow(
      "2 and 1 measurements cannot be paired; measure both in every round",
    );
  });
});
