import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CalibrationBins, equalWidth } from "./bins.ts";
import { calibrationError, classwiseCalibrationError, expectedCalibrationError } from "./calibration-error.ts";
import { topOutcomes } from "./outcomes.ts";
import { binaryProbabilities, softmax } from "./probabilities.ts";
import { brierScores, negativeLogLikelihoods } from "./proper-scores.ts";
import { sortedCalibrationError } from "./sorted-bins.ts";

const { calibration } = JSON.parse(
  readFileSync(new URL("../../fixtures/calibration.json", import.meta.url), "utf8"),
) as { calibration: CalibrationCase[] };

interface CalibrationCase {
  classes: number;
  logits: number[];
  labels: number[];
  width10: Record<"l1" | "l2" | "max", number>;
  kumarSquare: number;
  kumarDebiasedSquare: number;
  classwise10: number;
  hendrycks20: number;
  hendrycks20Published: number;
  brier: number;
  logLoss: number;
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("calibration error", () => {
  it("has the values of robustness_metrics for its own test vectors", () => {
    const probabilities = {
      width: 3,
      data: Float64Array.from(
        "0.42610548 0.41748077 0.15641374 0.44766216 0.47721294 0.0751249 0.1862702 0.15139402 0.66233578 0.05753544 0.8561222 0.08634236 0.18697925 0.29836466 0.51465609".split(
          " ",
        ),
        Number,
      ),
    };
    expect(expectedCalibrationError(topOutcomes(probabilities, [0, 1, 2, 1, 2]), { bins: 30 })).toBeCloseTo(
      0.412713502,
      8,
    );
    const binary = binaryProbabilities([0.91, 0.32, 0.66, 0.67, 0.57, 0.98, 0.41, 0.19]);
    expect(expectedCalibrationError(topOutcomes(binary, [1, 0, 1, 1, 0, 1, 0, 0]), { bins: 30 })).toBeCloseTo(
      0.18125,
      12,
    );
  });

  it("agrees with a count by hand for two bins", () => {
    // [0, ½): two of confidence 0.2 and 0.4, one right: |0.5 - 0.3| = 0.2. [½, 1]: 0.6, 0.8, 1, all right: |1 - 0.8| = 0.2.
    const outcomes = { confidence: Float64Array.of(0.2, 0.4, 0.6, 0.8, 1), correct: Uint8Array.of(1, 0, 1, 1, 1) };
    for (const norm of ["l1", "l2", "max"] as const) {
      expect(expectedCalibrationError(outcomes, { bins: 2, norm })).toBeCloseTo(0.2, 12);
    }
    // ⅖ (0.04 - ½·½/1) + ⅗·0.04 < 0: all of it can be noise.
    expect(expectedCalibrationError(outcomes, { bins: 2, norm: "l2", isDebiased: true })).toBe(0);
    expect(() => expectedCalibrationError(outcomes, { isDebiased: true })).toThrow("with norm l1; only l2 has one");
  });

  it.each(calibration.map((known, number) => ({ known, number })))(
    "agrees with peers in random case $number",
    ({ known }) => {
      const p = softmax({ width: known.classes, data: Float64Array.from(known.logits) });
      const outcomes = topOutcomes(p, known.labels);
      for (const norm of ["l1", "l2", "max"] as const) {
        expect(expectedCalibrationError(outcomes, { bins: 10, norm })).toBeCloseTo(known.width10[norm], 12);
      }
      const bins = new CalibrationBins(equalWidth(10)).add(outcomes);
      expect(calibrationError(bins, { norm: "l2" }) ** 2).toBeCloseTo(known.kumarSquare, 12);
      expect(calibrationError(bins, { norm: "l2", isDebiased: true }) ** 2).toBeCloseTo(known.kumarDebiasedSquare, 12);
      expect(classwiseCalibrationError(p, known.labels, { bins: 10 })).toBeCloseTo(known.classwise10, 12);
      expect(sortedCalibrationError(outcomes, { size: 20 })).toBeCloseTo(known.hendrycks20, 12);
      expect(sortedCalibrationError(outcomes, { size: 20, skipsLastBin: true })).toBeCloseTo(
        known.hendrycks20Published,
        12,
      );
      expect(mean(brierScores(p, known.labels))).toBeCloseTo(known.brier, 12);
      expect(mean(negativeLogLikelihoods(p, known.labels))).toBeCloseTo(known.logLoss, 12);
    },
  );

  it("leaves small probabilities out of class-wise errors, if asked", () => {
    const p = { width: 2, data: Float64Array.of(0.95, 0.05, 0.75, 0.25) };
    // Above 0.1: class 0 has 0.95 and 0.75, both right, in one bin: 0.15; class 1 has 0.25, wrong.
    expect(classwiseCalibrationError(p, [0, 0], { bins: 1, threshold: 0.1 })).toBeCloseTo((0.15 + 0.25) / 2, 12);
  });

  it("is not made infinite by a probability of 0 for what happened", () => {
    expect([...negativeLogLikelihoods({ width: 2, data: Float64Array.of(1, 0) }, [1])]).toEqual([126 * Math.LN2]);
  });
});
