import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { topOutcomes } from "./outcomes.ts";
import { softmax } from "./probabilities.ts";
import { accuracyAtCoverage, aurc, aurra, coverageAtAccuracy, excessAurc, selectiveAccuracies } from "./selective.ts";

const { calibration } = JSON.parse(
  readFileSync(new URL("../../fixtures/calibration.json", import.meta.url), "utf8"),
) as {
  calibration: { classes: number; logits: number[]; labels: number[]; aurra: number }[];
};

const curve = (confidence: number[], correct: number[]) =>
  selectiveAccuracies({ confidence: Float64Array.from(confidence), correct: Uint8Array.from(correct) });

it("agrees with a count by hand", () => {
  const accuracies = curve([0.3, 0.9, 0.6, 0.8], [0, 1, 1, 0]);
  expect([...accuracies]).toEqual([1, 1 / 2, 2 / 3, 1 / 2]);
  expect(aurra(accuracies)).toBeCloseTo(2 / 3, 12);
  expect(aurc(accuracies)).toBeCloseTo(1 / 3, 12);
  // The best order is right, right, wrong, wrong: risks 0, 0, ⅓, ½.
  expect(excessAurc(accuracies)).toBeCloseTo(1 / 3 - (1 / 3 + 1 / 2) / 4, 12);
  expect(accuracyAtCoverage(accuracies, 0.75)).toBeCloseTo(2 / 3, 12);
  expect(coverageAtAccuracy(accuracies, 0.6)).toBe(0.75);
  expect(coverageAtAccuracy(accuracies, 1.1)).toBe(0);
  expect(() => accuracyAtCoverage(accuracies, 0)).toThrow("accuracy at coverage 0; give a share above 0, at most 1");
});

it("takes the mean over the orders of equal confidences", () => {
  // Of the two at 0.5 one is right; either order: (1 + ½)/2 = ¾ answered second, ⅔ third.
  const forwards = curve([0.9, 0.5, 0.5], [1, 1, 0]);
  expect([...forwards]).toEqual([1, 0.75, 2 / 3]);
  expect(curve([0.5, 0.9, 0.5], [0, 1, 1])).toEqual(forwards);
});

it("has the area of the published formula in random cases", () => {
  for (const { classes, logits, labels, aurra: expected } of calibration) {
    const outcomes = topOutcomes(softmax({ width: classes, data: Float64Array.from(logits) }), labels);
    expect(aurra(selectiveAccuracies(outcomes))).toBeCloseTo(expected, 12);
  }
});
