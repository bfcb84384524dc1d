import { random } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { CalibrationBins, equalMass } from "./bins.ts";
import { calibrationError } from "./calibration-error.ts";
import { sortedCalibrationError, sweptCalibrationError } from "./sorted-bins.ts";

describe("sortedCalibrationError", () => {
  it("puts equal confidences into runs in the order of rows", () => {
    // Runs of two: the rows 1 and 3 (both wrong), then 0 and 2 (both right). Distances 0.2 and 0.5.
    const confidence = Float32Array.of(0.5, 0.2, 0.5, 0.2);
    const error = sortedCalibrationError({ confidence, correct: Uint8Array.of(1, 0, 1, 0) }, { size: 2, norm: "l1" });
    expect(error).toBeCloseTo((0.2 + 0.5) / 2, 7);
    // All are equal: rows 0 and 1 (one of them right), then rows 2 and 3 (both right).
    const ties = { confidence: new Float64Array(4).fill(0.5), correct: Uint8Array.of(1, 0, 1, 1) };
    expect(sortedCalibrationError(ties, { size: 2, norm: "max" })).toBe(0.5);
    expect(sortedCalibrationError(ties, { size: 2, norm: "l1" })).toBe(0.25);
  });
});

describe("sweptCalibrationError", () => {
  it.each(["float32", "float64"])("ends where counting every number of bins anew would end, in %s", (precision) => {
    for (let seed = 0; seed < 20; seed++) {
      const words = random.threefryBits(seed, 7, 400);
      // Coarse confidences, so that there are ties and empty bins.
      const shares = Array.from(words.subarray(0, 200), (word) => Math.round((word >>> 0) / 2 ** 27) / 32);
      const confidence = precision === "float32" ? Float32Array.from(shares) : Float64Array.from(shares);
      const correct = Uint8Array.from(shares, (share, row) => ((words[200 + row]! >>> 0) / 2 ** 32 < share ? 1 : 0));
      const binned = (bins: number) => new CalibrationBins(equalMass(confidence, bins)).add({ confidence, correct });
      const rises = ({ counts, corrects }: CalibrationBins) => {
        const filled = Array.from(counts.keys()).filter((bin) => counts[bin]! > 0);
        const accuracies = filled.map((bin) => corrects[bin]! / counts[bin]!);
        return accuracies.every((accuracy, i) => i === 0 || accuracy >= accuracies[i - 1]!);
      };
      let bins = 1;
      while (bins < 200 && rises(binned(bins + 1))) bins++;
      const expected = { error: calibrationError(binned(bins)), bins };
      expect(sweptCalibrationError({ confidence, correct })).toEqual(expected);
    }
  });

  it("ends at 1000 bins where accuracy never falls", () => {
    // All of 3000 predictions are right: any number of bins keeps the order.
    const confidence = Float64Array.from({ length: 3000 }, (_, row) => (row + 0.5) / 3000);
    const { bins, error } = sweptCalibrationError({ confidence, correct: new Uint8Array(3000).fill(1) });
    expect(bins).toBe(1000);
    // Mean of 1 - c over all rows, in whatever bins.
    expect(error).toBeCloseTo(0.5, 9);
  });

  it("has at most a bin for each prediction", () => {
    const confidence = Float64Array.of(0.2, 0.4, 0.6);
    expect(sweptCalibrationError({ confidence, correct: new Uint8Array(3).fill(1) }).bins).toBe(3);
  });
});
