import { describe, expect, it } from "vitest";
import { CalibrationBins, equalMass, equalWidth, massPlaces } from "./bins.ts";

const outcomes = (confidence: Float32Array | Float64Array) => ({
  confidence,
  correct: Uint8Array.from(confidence, (_, row) => (row % 3 === 0 ? 1 : 0)),
});

describe("CalibrationBins", () => {
  it("puts 1 into the last bin of equal width, and edges into the upper one", () => {
    expect([...new CalibrationBins(equalWidth(4)).add(outcomes(Float64Array.of(0, 0.25, 0.5, 1))).counts]).toEqual([
      1, 1, 1, 1,
    ]);
  });

  it("counts the same in parts, merged, and weighted", () => {
    const confidence = Float64Array.from({ length: 50 }, (_, row) => ((row * 37) % 50) / 50);
    const all = outcomes(confidence);
    for (const binning of [equalWidth(7), equalMass(confidence, 7)]) {
      const whole = new CalibrationBins(binning).add(all);
      const part = (from: number, to: number) =>
        new CalibrationBins(binning).add({
          confidence: confidence.subarray(from, to),
          correct: all.correct.subarray(from, to),
        });
      const merged = part(0, 20).merge(part(20, 50));
      expect(merged.counts).toEqual(whole.counts);
      expect(merged.corrects).toEqual(whole.corrects);
      expect(merged.total).toBe(50);
      const twice = new CalibrationBins(binning).add(all, new Int32Array(50).fill(2));
      expect(twice.counts).toEqual(whole.counts.map((count) => 2 * count));
    }
    expect(() => new CalibrationBins(equalWidth(7)).merge(new CalibrationBins(equalWidth(8)))).toThrow(
      "counts of different bins cannot be merged; make both with one binning",
    );
  });

  it("makes bins of equal mass, keeps ties together, and 1 apart", () => {
    const confidence = Float32Array.of(0.9, 0.1, 0.5, 0.5, 0.5, 0.5, 0.7, 1);
    const { starts } = equalMass(confidence, 4) as { starts: Float32Array };
    // Places 2, 4 and 6 of 0.1 0.5 0.5 0.5 0.5 0.7 0.9 1.
    expect(starts).toEqual(Float32Array.of(0, 0.5, 0.5, 0.9, 1));
    expect([...new CalibrationBins(equalMass(confidence, 4)).add(outcomes(confidence)).counts]).toEqual([
      1, 0, 5, 1, 1,
    ]);
  });

  it("begins them where NumPy rounds to: halves to the even place", () => {
    // 2.5, 5 and 7.5 of 10; 3.5, 7 and 10.5 of 14.
    expect(massPlaces(10, 4)).toEqual([2, 5, 8]);
    expect(massPlaces(14, 4)).toEqual([4, 7, 10]);
  });

  it("finds the same bins without sorting, also outside of 0 to 1 by rounding", () => {
    const crowded = Float32Array.from({ length: 1000 }, (_, row) => 1 + 1e-6 - ((row * 7919) % 1000) ** 3 / 1e9);
    for (const confidence of [
      crowded,
      new Float32Array(10).fill(0.5),
      Float64Array.of(-1e-9, 0.2),
      new Float32Array(0),
    ]) {
      for (const bins of [1, 2, 15, 64]) {
        const sorted = confidence.toSorted();
        const inside = massPlaces(confidence.length, bins).map((place) => sorted[place]!);
        const expected = confidence.length === 0 ? new Array<number>(bins).fill(1) : [...inside, 1];
        const { starts } = equalMass(confidence, bins) as { starts: Float32Array };
        expect([...starts]).toEqual([0, ...expected]);
      }
    }
  });

  it("names the row whose confidence is none", () => {
    const add = (confidence: number) => () =>
      new CalibrationBins(equalWidth(3)).add(outcomes(Float64Array.of(0.5, confidence)));
    expect(add(Number.NaN)).toThrow("row 1 has confidence NaN, which is not between 0 and 1");
    expect(add(3)).toThrow("row 1 has confidence 3");
  });

  it("refuses a number of bins that is none", () => {
    expect(() => equalWidth(0)).toThrow("0 bins for confidences; give a positive integer, 15 for instance");
  });
});
