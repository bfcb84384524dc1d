import { random } from "@vitscale/core";
import { expect, it } from "vitest";
import { type DetectionMeasure, detectionMeasures } from "./detection-measures.ts";

it("sees the scatter of many rows by groups of them as by drawing them again", () => {
  const rows = 6000;
  const words = random.threefryBits(8, 3, rows);
  const positive = Int32Array.from(words, (_, row) => (row % 3 === 0 ? 1 : 0));
  const scores = Float64Array.from(words, (word, row) => (word >>> 0) / 2 ** 32 + 0.5 * positive[row]!);
  const drawn = detectionMeasures(scores, positive, { replicates: 200 });
  const dealt = detectionMeasures(scores, positive, {}, 1000);
  for (const name of Object.keys(drawn) as DetectionMeasure[]) {
    expect(dealt[name].value).toBe(drawn[name].value);
    expect(dealt[name].count).toBe(rows);
    const width = (of: typeof drawn) => of[name].high - of[name].low;
    expect(width(dealt) / width(drawn), name).toBeGreaterThan(0.5);
    expect(width(dealt) / width(drawn), name).toBeLessThan(2);
  }
  // Uniform on [0, 1] and on [½, 3/2]: P(positive > negative) = 7/8, and 5 % of positives lie below 0.55.
  expect(drawn.auroc.value).toBeCloseTo(7 / 8, 1);
  expect(drawn.fpr95.value).toBeCloseTo(0.45, 1);
});
