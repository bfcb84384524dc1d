import { describe, expect, it } from "vitest";
import { classwiseCalibrationError, expectedCalibrationError } from "./calibration-error.ts";
import { brierScores, negativeLogLikelihoods } from "./proper-scores.ts";
import { auroc, rocCurve } from "./roc.ts";
import { selectiveAccuracies } from "./selective.ts";
import { sortedCalibrationError } from "./sorted-bins.ts";
import { sweptCalibrationError } from "./sweep.ts";

/** What a program may call with numbers that no suite has looked at. */
const ofOutcomes = { selectiveAccuracies, sortedCalibrationError, expectedCalibrationError, sweptCalibrationError };

describe.each(Object.entries(ofOutcomes))("%s", (_, measure) => {
  it("names the row of a confidence that is no number", () => {
    for (const confidence of [Float32Array.of(0.5, Number.NaN, 0.2), Float64Array.of(0.5, Number.NaN, 0.2)]) {
      expect(() => measure({ confidence, correct: Uint8Array.of(1, 0, 1) })).toThrow(
        /^row 1 has (confidence|score) NaN/,
      );
    }
  });

  it("asks for an outcome of every row", () => {
    const outcomes = { confidence: Float32Array.of(0.5, 0.2), correct: Uint8Array.of(1) };
    expect(() => measure(outcomes)).toThrow("2 confidences, but 1 outcomes; give one of each for every row");
  });
});

describe("rocCurve", () => {
  it("names the row of a score that is no number, and asks for a kind and a weight of every row", () => {
    expect(() => auroc(rocCurve(Float64Array.of(0.2, Number.NaN, 0.5), [0, 1, 1]))).toThrow("row 1 has score NaN");
    expect(() => rocCurve(Float64Array.of(0.2, 0.5), [0])).toThrow("2 scores, but 1 positives");
    expect(() => rocCurve(Float64Array.of(0.2, 0.5), [0, 1], [1])).toThrow("2 scores, but 1 weights");
    // Infinite scores have their places.
    const infinite = Float64Array.of(Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY);
    expect(auroc(rocCurve(infinite, [0, 0, 1]))).toBe(1);
  });
});

it.each(Object.entries({ brierScores, negativeLogLikelihoods, classwiseCalibrationError }))(
  "%s names the row whose label is no class, and asks for one of every row",
  (_, measure) => {
    const even = { width: 2, data: Float32Array.of(0.5, 0.5, 0.5, 0.5) };
    expect(() => measure(even, [0, 2])).toThrow("row 1: label 2 is no class; there are 2");
    expect(() => measure(even, [0])).toThrow("has 1 label for 2 rows");
  },
);
