import { random } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { CalibrationBins, equalWidth } from "../calibration/bins.ts";
import { calibrationError } from "../calibration/calibration-error.ts";
import { bootstrap } from "./bootstrap.ts";
import { reflectedInterval } from "./reflected-interval.ts";

const uniform = (rows: number, seed: number) =>
  Float64Array.from(random.threefryBits(seed, 1, rows), (word) => (word >>> 0) / 2 ** 32);

describe("reflectedInterval", () => {
  it("reaches down to the truth where percentiles stay above it", () => {
    // Confidences from ½ to 1 that are right exactly as often as they say: the true error is 0, the measured one never.
    const rows = 1500;
    let reached = 0;
    for (let sample = 0; sample < 10; sample++) {
      const draws = uniform(rows, sample);
      const confidence = draws.map((_, row) => 0.5 + row / rows / 2);
      const correct = Uint8Array.from(draws, (draw, row) => (draw < confidence[row]! ? 1 : 0));
      const statistics = (weights: Int32Array) => ({
        error: calibrationError(new CalibrationBins(equalWidth(15)).add({ confidence, correct }, weights)),
      });
      const { error } = bootstrap(rows, statistics, { replicates: 100, seed: sample });
      expect(error.low).toBeGreaterThan(0.01);
      if (reflectedInterval(error).low < 0.005) reached++;
    }
    expect(reached).toBeGreaterThanOrEqual(9);
  });

  it("ends where the distance can be no larger", () => {
    const estimate = { value: 0.9, low: 0.7, high: 0.95, count: 10 };
    expect(reflectedInterval(estimate).high).toBeCloseTo(1.1, 12);
    expect(reflectedInterval(estimate, 1)).toEqual({ value: 0.9, low: 2 * 0.9 - 0.95, high: 1, count: 10 });
  });

  it.each([0, 0.1, 0.4])("contains a true gap of %f between shares as often as it says", (gap) => {
    const [rows, samples] = [120, 60];
    let contained = 0;
    for (let sample = 0; sample < samples; sample++) {
      // Even rows are 1 with chance 0.3, odd ones with 0.3 + gap.
      const values = uniform(rows, 100 + sample).map((draw, row) => (draw < 0.3 + (row % 2) * gap ? 1 : 0));
      const statistics = (weights: Int32Array) => {
        const [sums, counts] = [
          [0, 0],
          [0, 0],
        ];
        for (let row = 0; row < rows; row++) {
          sums[row % 2]! += weights[row]! * values[row]!;
          counts[row % 2]! += weights[row]!;
        }
        return { gap: Math.abs(sums[0]! / counts[0]! - sums[1]! / counts[1]!) };
      };
      const found = reflectedInterval(bootstrap(rows, statistics, { replicates: 200, seed: sample }).gap);
      expect(found.value).toBeGreaterThanOrEqual(found.low);
      if (found.low <= gap && gap <= found.high) contained++;
    }
    // 95 of 100; three standard deviations of 60 samples are 8.4 %.
    expect(contained / samples).toBeGreaterThanOrEqual(0.95 - 0.084);
  });
});
