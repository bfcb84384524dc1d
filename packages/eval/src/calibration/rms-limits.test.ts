import { random } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { CalibrationBins, equalMass, equalWidth } from "./bins.ts";
import { calibrationError } from "./calibration-error.ts";
import { rmsErrorEstimate } from "./rms-limits.ts";

/** Counts of predictions that are right less often than they claim, by `gap`: the true distance of every bin. */
function counted(rows: number, seed: number, { gap, from }: { gap: number; from: number }): CalibrationBins {
  const words = random.threefryBits(seed, rows, 2 * rows);
  const uniform = (i: number) => (words[i]! >>> 0) / 2 ** 32;
  const confidence = Float64Array.from({ length: rows }, (_, row) => from + (0.999 - from) * uniform(row));
  const correct = Uint8Array.from(confidence, (value, row) => (uniform(rows + row) < value - gap ? 1 : 0));
  return new CalibrationBins(equalMass(confidence, 15)).add({ confidence, correct });
}

describe("rmsErrorEstimate", () => {
  const samples = 300;
  it.each([
    [0, 0.5, 60],
    [0, 0.5, 1000],
    [0, 0.9, 1000],
    [0.02, 0.5, 1000],
    [0.05, 0.5, 150],
    [0.1, 0.9, 1000],
    [0.2, 0.5, 1000],
  ])("contains a true error of %f, of confidences from %f on, in 95 of 100 samples of %i rows", (gap, from, rows) => {
    let contained = 0;
    for (let seed = 0; seed < samples; seed++) {
      const bins = counted(rows, seed, { gap, from });
      for (const isDebiased of [false, true]) {
        const { value, low, high } = rmsErrorEstimate(bins, isDebiased);
        expect(low >= 0 && low <= value && value <= high && high <= 1).toBe(true);
        if (low <= gap && gap <= high) contained += 0.5;
      }
    }
    // Three standard deviations of 300 samples are 3.8 %.
    expect(contained / samples).toBeGreaterThan(0.95 - 0.038);
  });

  it("says that few right answers prove little, and many prove much", () => {
    const allRight = (rows: number) =>
      rmsErrorEstimate(
        new CalibrationBins(equalWidth(1)).add({
          confidence: new Float64Array(rows).fill(0.9),
          correct: new Uint8Array(rows).fill(1),
        }),
      );
    // Three right answers of confidence 0.9 are likely (0.73), thousand are not.
    expect(allRight(3).low).toBe(0);
    expect(allRight(3).high).toBeGreaterThan(0.3);
    expect(allRight(1000).low).toBeGreaterThan(0.09);
    expect(allRight(1000).high).toBeLessThan(0.11);
  });

  it("has the value of the calibration error, and no ends beyond 0 and 1", () => {
    const bins = new CalibrationBins(equalWidth(2)).add({
      confidence: Float64Array.of(0.99, 0.98, 0.97),
      correct: Uint8Array.of(0, 0, 0),
    });
    const { value, low, high, count } = rmsErrorEstimate(bins);
    expect(value).toBe(calibrationError(bins, { norm: "l2" }));
    expect({ high, count }).toEqual({ high: 1, count: 3 });
    expect(low).toBeGreaterThan(0.5);
    expect(rmsErrorEstimate(new CalibrationBins(equalWidth(2)))).toEqual({
      value: Number.NaN,
      low: 0,
      high: 1,
      count: 0,
    });
  });
});
