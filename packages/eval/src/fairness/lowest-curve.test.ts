import { describe, expect, it } from "vitest";
import type { RatePoint } from "./equalized-odds.ts";
import { cornersOfLowest } from "./lowest-curve.ts";

const curve = (...points: readonly (readonly [number, number])[]): RatePoint[] =>
  points.map(([falsePositiveRate, truePositiveRate]) => ({ falsePositiveRate, truePositiveRate }));

/** Height of a curve by interpolation; where it is upright, the top. */
function heightAt(points: readonly RatePoint[], rate: number): number {
  const right = points.findLastIndex(({ falsePositiveRate }) => falsePositiveRate <= rate);
  const [a, b] = [points[right]!, points[right + 1]];
  if (b === undefined) return a.truePositiveRate;
  const share = (rate - a.falsePositiveRate) / (b.falsePositiveRate - a.falsePositiveRate);
  return a.truePositiveRate + share * (b.truePositiveRate - a.truePositiveRate);
}

describe("the lowest of curves", () => {
  it("of one is itself, without what rises upright at 0", () => {
    const own = curve([0, 0], [0, 0.25], [0.5, 0.75], [1, 1]);
    expect(cornersOfLowest([own])).toEqual(own.slice(1));
  });

  it("bends where two cross", () => {
    // 0.5 + 0.5 f and min(2 f, 1) meet at 1/3, 2/3.
    const corners = cornersOfLowest([curve([0, 0], [0, 0.5], [1, 1]), curve([0, 0], [0.5, 1], [1, 1])]);
    expect(corners).toHaveLength(3);
    expect(corners[1]!.falsePositiveRate).toBeCloseTo(1 / 3, 15);
    expect(corners[1]!.truePositiveRate).toBeCloseTo(2 / 3, 15);
  });

  it("has the lowest of all heights everywhere, of curves by the definition of a power", () => {
    // f^a is concave for a < 1: chords of it at rates of their own.
    const curves = [0.2, 0.4, 0.45, 0.5, 0.9].map((power, i) =>
      curve(...Array.from({ length: 5 + i }, (_, j) => (j / (4 + i)) ** 2).map((f) => [f, f ** power] as const)),
    );
    const corners = cornersOfLowest(curves);
    for (let f = 0; f <= 1; f += 1 / 97) {
      expect(heightAt(corners, f)).toBeCloseTo(Math.min(...curves.map((points) => heightAt(points, f))), 12);
    }
    // No corner is left out of those that are the lowest, and none is between.
    for (const { falsePositiveRate, truePositiveRate } of corners) {
      expect(truePositiveRate).toBeCloseTo(
        Math.min(...curves.map((points) => heightAt(points, falsePositiveRate))),
        12,
      );
    }
  });
});
