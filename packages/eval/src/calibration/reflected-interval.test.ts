import { random } from "@vitscale/core";
import { expect, it } from "vitest";
import { bootstrap } from "../statistics/index.ts";
import { CalibrationBins, equalWidth } from "./bins.ts";
import { calibrationError } from "./calibration-error.ts";
import { reflectedInterval } from "./reflected-interval.ts";

it("reaches down to the truth where percentiles stay above it", () => {
  // Confidences from ½ to 1 that are right exactly as often as they say: the true error is 0, the measured one never.
  const rows = 1500;
  let reached = 0;
  for (let sample = 0; sample < 10; sample++) {
    const words = random.threefryBits(sample, 1, rows);
    const confidence = Float64Array.from(words, (_, row) => 0.5 + row / rows / 2);
    const correct = Uint8Array.from(words, (word, row) => ((word >>> 0) / 2 ** 32 < confidence[row]! ? 1 : 0));
    const statistics = (weights: Int32Array) => ({
      error: calibrationError(new CalibrationBins(equalWidth(15)).add({ confidence, correct }, weights)),
    });
    const { error } = bootstrap(rows, statistics, { replicates: 100, seed: sample });
    expect(error.low).toBeGreaterThan(0.01);
    const interval = reflectedInterval(error);
    expect(interval.high).toBeGreaterThanOrEqual(error.value);
    if (interval.low < 0.005) reached++;
  }
  expect(reached).toBeGreaterThanOrEqual(9);
});
