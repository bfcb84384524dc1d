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

it("agrees with scikit-learn's counts, also of rows that share a confidence", () => {
  const cases = JSON.parse(readFileSync(new URL("../../fixtures/selective.json", import.meta.url), "utf8")) as {
    confidence: number[];
    correct: number[];
    accuracies: number[];
    aurra: number;
    aurc: number;
    excess: number;
    accuracyAt: Record<string, number>;
    coverageAt: Record<string, number>;
  }[];
  expect(cases).toHaveLength(2);
  for (const { confidence, correct, accuracies, accuracyAt, coverageAt, ...areas } of cases) {
    const found = curve(confidence, correct);
    expect(found).toHaveLength(accuracies.length);
    for (const [i, accuracy] of accuracies.entries()) expect(found[i]).toBeCloseTo(accuracy, 12);
    expect(aurra(found)).toBeCloseTo(areas.aurra, 12);
    expect(aurc(found)).toBeCloseTo(areas.aurc, 12);
    expect(excessAurc(found)).toBeCloseTo(areas.excess, 12);
    for (const [share, accuracy] of Object.entries(accuracyAt)) {
      expect(accuracyAtCoverage(found, Number(share))).toBeCloseTo(accuracy, 12);
    }
    for (const [rate, share] of Object.entries(coverageAt)) {
      expect(coverageAtAccuracy(found, Number(rate))).toBeCloseTo(share, 12);
    }
  }
});
