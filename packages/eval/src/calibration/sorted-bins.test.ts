import { describe, expect, it } from "vitest";
import { sweptCalibrationError } from "./sorted-bins.ts";

describe("sweptCalibrationError", () => {
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
