import { describe, expect, it } from "vitest";
import { columnOf, numberColumn, numbersOf, table, textColumn, vectorColumn } from "../table/index.ts";
import { mapPredictions } from "./map-predictions.ts";

const pets = { name: "pets", sourceClasses: 4, classes: ["cat", "dog"], sources: [[0, 1], [3]] };

describe("mapPredictions", () => {
  it("adds up the probabilities of classes that stand for one, as shares of what the map's classes have", () => {
    const scores = vectorColumn(Float32Array.of(0.25, 0.25, 0, 0.5, 0.1, 0.2, 0.6, 0.1), 4);
    const mapped = mapPredictions(table({ class: textColumn(["Dog", "cat"]), scores }), pets);
    expect([...numbersOf(mapped, "label")]).toEqual([1, 0]);
    const { width, data } = columnOf(mapped, "scores", "vector");
    expect(width).toBe(2);
    for (const [i, expected] of [0.5, 0.5, 0.75, 0.25].entries()) expect(data[i]).toBeCloseTo(expected, 6);
  });

  it("takes logits for what softmax makes of them", () => {
    const scores = vectorColumn(Float32Array.of(Math.log(3), Math.log(1), Math.log(9), Math.log(4)), 4);
    const { data } = columnOf(
      mapPredictions(table({ label: numberColumn([1]), scores }), pets, "logits"),
      "scores",
      "vector",
    );
    // (3 + 1) / (3 + 1 + 4), and logits they stay.
    expect(Math.exp(data[0]!)).toBeCloseTo(0.5, 6);
  });

  it.each([
    [
      { class: textColumn(["cat"]), scores: vectorColumn(new Float32Array(3), 3) },
      "t: has scores of 3 classes, but label map pets begins with 4",
    ],
    [
      { class: textColumn(["cat", "frog"]), scores: vectorColumn(Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0), 4) },
      't: row 1: class "frog" is not in label map pets; add it, or leave its images out',
    ],
    [
      { label: numberColumn([2]), scores: vectorColumn(Float32Array.of(1, 0, 0, 0), 4) },
      "t: row 0: label 2 is no class",
    ],
    [
      { label: numberColumn([0]), scores: vectorColumn(Float32Array.of(0, 0, 1, 0), 4) },
      "t: row 0: has no probability on any class of label map pets",
    ],
  ])("names what does not fit (%#)", (columns, message) => {
    expect(() => mapPredictions(table(columns, "t"), pets)).toThrow(message);
  });
});
