import { hostTensor } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { topKAccuracy } from "./accuracy.ts";

const predictions = (scores: number[][], labels: number[]) => ({
  scores: hostTensor("float32", [scores.length, scores[0]?.length ?? 0], Float32Array.from(scores.flat())),
  labels: hostTensor("int32", [labels.length], Int32Array.from(labels)),
});

describe("topKAccuracy", () => {
  const table = predictions(
    [
      [0.7, 0.2, 0.1],
      [0.1, 0.3, 0.6],
      [0.3, 0.4, 0.3],
    ],
    [0, 1, 2],
  );

  it("counts labels among the highest scores", () => {
    expect(topKAccuracy(table, 1)).toMatchObject({ value: 1 / 3, count: 3 });
    // Classes 0 and 2 tie in the last row, and 0 comes first: label 2 is third.
    expect(topKAccuracy(table, 2)).toMatchObject({ value: 2 / 3 });
    expect(topKAccuracy(table, 3)).toMatchObject({ value: 1 });
  });

  it("names the row that is broken", () => {
    expect(() => topKAccuracy(predictions([[0, 1]], [2]))).toThrow("row 0 has label 2, but there are 2 classes");
    expect(() =>
      topKAccuracy(
        predictions(
          [
            [0, 1],
            [Number.NaN, 0],
          ],
          [0, 0],
        ),
      ),
    ).toThrow("row 1 has a NaN score");
    expect(() => topKAccuracy(table, 4)).toThrow("k is 4; it must be between 1 and 3");
  });
});
