import { random } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { CalibrationBins, equalWidth } from "../calibration/bins.ts";
import { calibrationErrorLimits } from "../calibration/error-limits.ts";
import { normalQuantileOf, normalShare } from "./normal.ts";
import { effectiveCases, shareLimits } from "./share-limits.ts";
import { gapInterval, greatestInterval, type Limits, type LimitsAt, leastInterval } from "./spread.ts";
import { studentizedRange } from "./studentized-range.ts";

const uniform = (stream: number, sample: number, rows: number) =>
  Float64Array.from(random.threefryBits(stream, sample, rows), (word) => (word >>> 0) / 2 ** 32);

/** Share of samples (all that is drawn follows from fixed seeds) whose interval contains the truth, and the mean width of the intervals. */
function coverage(truth: number, samples: number, intervalOf: (sample: number) => Limits) {
  let [contained, width] = [0, 0];
  for (let sample = 0; sample < samples; sample++) {
    const { low, high } = intervalOf(sample);
    if (low <= truth && truth <= high) contained++;
    width += (high - low) / samples;
  }
  return { contained: contained / samples, width };
}

describe("gapInterval", () => {
  // Without any of this, drawing rows again and reflecting covers 0.81 of 5 groups of 100, and 0.43 of 20 of 50, where all are alike.
  const cases: readonly [string, number, number, (group: number) => number, number][] = [
    ["5 groups of 100, all alike", 5, 100, () => 0.8, 0.25],
    ["5 groups of 100, one apart", 5, 100, (group) => (group === 0 ? 0.5 : 0.8), 0.35],
    ["20 groups of 50, all alike", 20, 50, () => 0.8, 0.4],
    ["20 groups of 50, nearly always right", 20, 50, () => 0.98, 0.2],
    ["20 groups of 50, evenly apart", 20, 50, (group) => 0.65 + 0.15 * (group / 19), 0.5],
    ["20 groups of 50, two kinds", 20, 50, (group) => (group % 2 === 0 ? 0.7 : 0.8), 0.5],
    ["2 groups of 1000", 2, 1000, (group) => 0.7 + 0.1 * group, 0.09],
    ["8 groups of 5 to 640", 8, 5, (group) => (group === 0 ? 0.9 : 0.6), 0.95],
  ];

  it.each(cases)("contains the truth of %s", (_, groups, rows, rateOf, widest) => {
    const sizes = Array.from({ length: groups }, (_, group) => (rows === 5 ? 5 * 2 ** group : rows));
    const rates = sizes.map((_, group) => rateOf(group));
    const sharesOf = (sample: number): LimitsAt => {
      const rights = sizes.map((size, group) => uniform(group, sample, size).filter((x) => x < rates[group]!).length);
      return (z) => rights.map((right, group) => shareLimits(right / sizes[group]!, sizes[group]!, z));
    };
    const truth = Math.max(...rates) - Math.min(...rates);
    const gap = coverage(truth, 200, (sample) => gapInterval(sharesOf(sample)));
    expect(gap.contained).toBeGreaterThanOrEqual(0.93);
    expect(gap.width).toBeLessThan(widest);
    const least = coverage(Math.min(...rates), 200, (sample) => leastInterval(sharesOf(sample)));
    expect(least.contained).toBeGreaterThanOrEqual(0.93);
  });

  it.each([
    ["5 groups of 100, all calibrated", 5, 100, 0, 0],
    ["20 groups of 50, one too sure of itself", 20, 50, 0, 0.15],
    ["2 groups of 1000, one too sure of itself", 2, 1000, 0, 0.15],
    ["5 groups of 500, all too sure, one more so", 5, 500, 0.1, 0.05],
  ])("contains the truth of calibration errors: %s", (_, groups, rows, base, more) => {
    // Right with chance confidence - excess: an error of the excess, as confidences are one half or more.
    const excess = (group: number) => base + (group === 0 ? more : 0);
    const errorsOf = (sample: number): LimitsAt => {
      const bins = Array.from({ length: groups }, (_, group) => {
        const draws = uniform(group, sample, 2 * rows);
        const confidence = draws.slice(0, rows).map((draw) => 0.5 + draw / 2);
        const correct = Uint8Array.from(confidence, (c, row) => (draws[rows + row]! < c - excess(group) ? 1 : 0));
        return new CalibrationBins(equalWidth(15)).add({ confidence, correct });
      });
      return (z) => bins.map((own) => calibrationErrorLimits(own, z));
    };
    expect(coverage(more, 100, (sample) => gapInterval(errorsOf(sample))).contained).toBeGreaterThanOrEqual(0.93);
    const own = coverage(base + more, 100, (sample) => errorsOf(sample)(1.96)[0]!);
    expect(own.contained).toBeGreaterThanOrEqual(0.9);
  });

  it("is the interval of one difference for two groups", () => {
    // Newcombe's square-and-add by hand, of limits 0.5 (0.4 to 0.65) and 0.2 (0.1 to 0.35): 0.3 - √(0.1² + 0.15²) and 0.3 + √(0.15² + 0.1²).
    const two = gapInterval(() => [
      { value: 0.2, low: 0.1, high: 0.35 },
      { value: 0.5, low: 0.4, high: 0.65 },
    ]);
    expect(two.value).toBeCloseTo(0.3, 12);
    expect(two.low).toBeCloseTo(0.3 - Math.hypot(0.1, 0.15), 12);
    expect(two.high).toBeCloseTo(0.3 + Math.hypot(0.15, 0.1), 12);
  });

  it("finds the best pair that a look at all pairs finds", () => {
    for (let sample = 0; sample < 30; sample++) {
      const draws = uniform(3, sample, 40);
      const limits: LimitsAt = (z) =>
        Array.from({ length: 20 }, (_, i) => shareLimits(draws[i]!, 1 + 99 * draws[20 + i]!, z));
      const [joint, single] = [limits(studentizedRange(20, 0.975) / Math.SQRT2), limits(normalQuantileOf(0.975))];
      let [low, high] = [0, 0];
      for (let a = 0; a < 20; a++) {
        for (let b = 0; b < 20; b++) {
          if (a === b) continue;
          const [x, y, u, v] = [joint[a]!, joint[b]!, single[a]!, single[b]!];
          low = Math.max(low, x.value - y.value - Math.hypot(x.value - x.low, y.high - y.value));
          high = Math.max(high, u.value - v.value + Math.hypot(u.high - u.value, v.value - v.low));
        }
      }
      const found = gapInterval(limits);
      expect(found.low).toBeCloseTo(low, 12);
      expect(found.high).toBeCloseTo(high, 12);
    }
  });

  it("has no interval where there is nothing to compare, and a true one where all are right", () => {
    expect(gapInterval(() => [])).toEqual({ value: Number.NaN, low: Number.NaN, high: Number.NaN });
    expect(gapInterval((z) => [shareLimits(1, 5, z)]).high).toBeNaN();
    const right = gapInterval((z) => [shareLimits(1, 50, z), shareLimits(1, 50, z)]);
    expect(right).toMatchObject({ value: 0, low: 0 });
    // exp(-1.96² / 2 / 50): a group that is right 50 times may be wrong 3.8 % of the time.
    expect(right.high).toBeCloseTo(1 - Math.exp(-(1.959964 ** 2) / 100), 6);
    const lonely = gapInterval((z) => [shareLimits(1, 1, z), shareLimits(0.5, 1000, z)]);
    expect(lonely.low).toBe(0);
    expect(lonely.high).toBeGreaterThan(0.5);
  });

  it("looks through many groups without looking at all pairs", () => {
    const [groups, draws] = [20_000, uniform(1, 1, 40_000)];
    const { value, low } = gapInterval((z) =>
      Array.from({ length: groups }, (_, i) => {
        const reach = z * (0.01 + 0.1 * draws[groups + i]!);
        return { value: draws[i]!, low: draws[i]! - reach, high: draws[i]! + reach };
      }),
    );
    expect(value).toBeGreaterThan(0.999);
    // At least the groups at both ends that scatter by about 0.015: 1 - 8.6 · 0.02.
    expect(low).toBeGreaterThan(0.8);
    expect(low).toBeLessThan(0.95);
  });
});

describe("greatestInterval", () => {
  it("mirrors the least", () => {
    const limits: LimitsAt = (z) =>
      [0.2, 0.7, 0.4].map((value) => ({ value, low: value - z / 10, high: value + z / 20 }));
    const { value, low, high } = greatestInterval(limits);
    expect(value).toBe(0.7);
    // One of three at 0.975^⅓, and one alone.
    expect(low).toBeCloseTo(0.7 - normalQuantileOf(0.975 ** (1 / 3)) / 10, 9);
    expect(high).toBeCloseTo(0.7 + 1.959964 / 20, 6);
  });
});

describe("distributions", () => {
  it.each([
    [2, 3.1698221361189565],
    [3, 3.682267756830834],
    [5, 4.197026345995183],
    [20, 5.298566399005617],
    [100, 6.332833955891141],
    [1000, 7.5822585916637895],
  ])("has SciPy's studentized_range.ppf(0.975, %d, inf)", (groups, known) => {
    expect(studentizedRange(groups, 0.975)).toBeCloseTo(known, 8);
  });

  it.each([
    [-8, 6.22096057427178e-16],
    [-2.5, 0.006209665325776135],
    [-1, 0.15865525393145707],
    [0.3, 0.6179114221889526],
    [4, 0.9999683287581669],
  ])("has SciPy's norm.cdf(%d)", (z, known) => {
    expect(normalShare(z) / known).toBeCloseTo(1, 12);
    if (z < 4) expect(normalQuantileOf(known)).toBeCloseTo(z, 8);
  });

  it("gives shares the interval of their likelihood ratio", () => {
    // 45 of 50 at three standard deviations: 50 KL(0.9 ‖ p) = 4.5 at 0.72895 and 0.98134 (SciPy's brentq).
    expect(shareLimits(0.9, 50, 3)).toMatchObject({
      low: expect.closeTo(0.7289469351, 9),
      high: expect.closeTo(0.9813384241, 9),
    });
    expect(shareLimits(Number.NaN, 0, 2)).toEqual({ value: Number.NaN, low: 0, high: 1 });
  });

  it("counts numbers that differ less as more cases", () => {
    expect(effectiveCases(100, 30, 30)).toBe(100);
    // Chances 0.4 and 0.6: ¼ over a variance of 0.01 · 100 / 99.
    expect(effectiveCases(100, 50, 26)).toBeCloseTo((100 * 0.25 * 99) / 100 / 0.01, 6);
    expect(effectiveCases(3, 1.5, 0.75)).toBe(9);
    expect(effectiveCases(1, 0.5, 0.25)).toBe(1);
  });
});
