import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { auroc, averagePrecision, fprAtTpr, rocCurve } from "./roc.ts";

const { roc } = JSON.parse(readFileSync(new URL("../../fixtures/calibration.json", import.meta.url), "utf8")) as {
  roc: Record<"scores" | "positive", number[]>[] &
    Record<"auroc" | "averagePrecision" | "fprAt95" | "fprAt50", number>[];
};

describe("rocCurve", () => {
  it("has the areas and rates of scikit-learn, with and without ties", () => {
    for (const known of roc) {
      const curve = rocCurve(Float64Array.from(known.scores), known.positive);
      expect(auroc(curve)).toBeCloseTo(known.auroc, 12);
      expect(averagePrecision(curve)).toBeCloseTo(known.averagePrecision, 12);
      expect(fprAtTpr(curve)).toBeCloseTo(known.fprAt95, 12);
      expect(fprAtTpr(curve, 0.5)).toBeCloseTo(known.fprAt50, 12);
    }
  });

  it("counts weights as repeated rows", () => {
    const once = rocCurve(Float32Array.of(1, 2, 2, 3, 3), [0, 0, 1, 1, 1]);
    const weighted = rocCurve(Float32Array.of(1, 2, 2, 3), [0, 0, 1, 1], [1, 1, 1, 2]);
    expect(weighted).toEqual(once);
    expect(once.thresholds).toEqual(Float64Array.of(Number.POSITIVE_INFINITY, 3, 2, 1));
  });

  it("takes the threshold that lets just as many positives pass as are asked for", () => {
    // The first positive is half of them, before any negative.
    const curve = rocCurve(Float64Array.of(4, 3, 2, 1), [1, 0, 1, 0]);
    expect(fprAtTpr(curve, 0.5)).toBe(0);
    expect(fprAtTpr(curve, 0.51)).toBe(0.5);
  });

  it("is not a number without positives or negatives", () => {
    for (const positive of [0, 1]) {
      const curve = rocCurve(Float32Array.of(1, 2), [positive, positive]);
      expect(auroc(curve)).toBeNaN();
      expect(fprAtTpr(curve)).toBeNaN();
    }
  });
});
