import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { detectionScores } from "./detection-scores.ts";
import { fitGaussians, mahalanobisScores, relativeMahalanobisScores } from "./mahalanobis.ts";

const cases = JSON.parse(readFileSync(new URL("../../fixtures/calibration.json", import.meta.url), "utf8")) as {
  calibration: { classes: number; logits: number[]; entropy: number[]; energy: number[] }[];
  mahalanobis: (Record<"width" | "classes", number> &
    Record<"features" | "labels" | "probe" | "mahalanobis" | "relative", number[]>)[];
};

const expectClose = (actual: Float64Array, expected: readonly number[]) => {
  for (const [row, value] of expected.entries()) expect(actual[row]! / value).toBeCloseTo(1, 9);
};

describe("detectionScores", () => {
  it("agrees with SciPy's entropy and logsumexp", () => {
    for (const { classes, logits, entropy, energy } of cases.calibration) {
      const rows = { width: classes, data: Float64Array.from(logits) };
      expectClose(detectionScores(rows, "entropy"), entropy);
      expectClose(detectionScores(rows, "energy"), energy);
    }
  });

  it("has closed forms for even and for sure rows", () => {
    const rows = { width: 4, data: Float64Array.of(7, 7, 7, 7, 0, -1000, -1000, -1000) };
    expect([...detectionScores(rows, "msp")]).toEqual([0.75, 0]);
    expect([...detectionScores(rows, "max-logit")]).toEqual([-7, -0]);
    expect(detectionScores(rows, "entropy")[0]).toBeCloseTo(Math.log(4), 12);
    expect(detectionScores(rows, "entropy")[1]).toBe(0);
  });
});

describe("Mahalanobis", () => {
  it("agrees with SciPy's distances", () => {
    for (const { width, classes, features, labels, probe, mahalanobis, relative } of cases.mahalanobis) {
      const train = { width, data: Float64Array.from(features) };
      const rows = { width, data: Float64Array.from(probe) };
      const gaussians = fitGaussians(train, labels, classes);
      const background = fitGaussians(train, new Uint8Array(labels.length), 1);
      expectClose(mahalanobisScores(rows, gaussians), mahalanobis);
      expectClose(relativeMahalanobisScores(rows, gaussians, background), relative);
    }
  });

  it("passes classes without rows over", () => {
    const train = { width: 1, data: Float64Array.of(-1, 1) };
    // Class 1 has mean 0 and variance 1; classes 0 and 2 are empty.
    expect([...mahalanobisScores({ width: 1, data: Float64Array.of(3) }, fitGaussians(train, [1, 1], 3))]).toEqual([9]);
  });

  it("says what to do about a singular covariance", () => {
    const train = { width: 2, data: Float64Array.of(1, 2, 2, 4, 4, 8) };
    expect(() => fitGaussians(train, [0, 0, 0], 1)).toThrow(
      /covariance of 2 features is singular at feature 1: .* give a ridge/,
    );
    expect(mahalanobisScores(train, fitGaussians(train, [0, 0, 0], 1, { ridge: 1e-6 }))[0]).toBeGreaterThan(0);
    expect(() =>
      mahalanobisScores({ width: 3, data: new Float64Array(3) }, fitGaussians(train, [0, 0, 0], 1, { ridge: 1 })),
    ).toThrow("features of width 3 for distributions of width 2; give the same features");
  });
});
