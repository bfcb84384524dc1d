import { describe, expect, it } from "vitest";
import { sortedCalibrationError } from "./sorted-bins.ts";

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
