import { random } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { CalibrationBins, equalMass } from "./bins.ts";
import { calibrationError } from "./calibration-error.ts";
import { sweptCalibrationError } from "./sweep.ts";

describe("sweptCalibrationError", () => {
  it("takes as many bins as accuracy rises with", () => {
    // In pairs: 0, ½, 1 right. In four bins, from places 0, 2, 3 and 4 (1.5 and 4.5 round to even): 0, 1, 0, 1.
    const confidence = Float64Array.of(0.1, 0.2, 0.5, 0.6, 0.8, 0.9);
    const correct = Uint8Array.of(0, 0, 1, 0, 1, 1);
    const { error, bins } = sweptCalibrationError({ confidence, correct });
    expect(bins).toBe(3);
    expect(error).toBeCloseTo((0.15 + 0.05 + 0.15) / 3, 12);
  });

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
      const found = sweptCalibrationError({ confidence, correct });
      expect(found.bins).toBe(expected.bins);
      expect(found.error).toBeCloseTo(expected.error, 12);
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

  it("takes confidences that rounding put above 1 for 1, and names the row of one that is none", () => {
    const correct = Uint8Array.of(1, 1, 1, 1);
    const { bins, error } = sweptCalibrationError({ confidence: Float64Array.of(1 + 1e-9, 1, 1 + 1e-6, 0.5), correct });
    expect(bins).toBe(4);
    expect(error).toBeCloseTo(0.5 / 4, 6);
    const broken = { confidence: Float32Array.of(0.5, Number.NaN, 0.5, 0.5), correct };
    expect(() => sweptCalibrationError(broken)).toThrow("row 1 has confidence NaN, which is not between 0 and 1");
  });
});
