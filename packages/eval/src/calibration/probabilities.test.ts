import { describe, expect, it } from "vitest";
import { topOutcomes } from "./outcomes.ts";
import { checkProbabilities, scoreKind, softmax, toLogits, toProbabilities } from "./probabilities.ts";

const rows = (width: number, ...data: number[]) => ({ width, data: Float64Array.from(data) });

describe("probabilities", () => {
  it("names the row that is no distribution", () => {
    expect(() => checkProbabilities(rows(2, 0.5, 0.5, 0.5, 0.6), "p.csv")).toThrow(
      "p.csv: row 1: probabilities sum to 1.1, not to 1; if the scores are logits, say so",
    );
    expect(() => checkProbabilities(rows(2, 0.5, 0.5, 1.2, -0.2))).toThrow(
      "row 1: class 0 has probability 1.2, which is not between 0 and 1",
    );
    expect(() => checkProbabilities(rows(2, Number.NaN, 0.5))).toThrow("row 0: class 0 has probability NaN");
    expect(() => toProbabilities(rows(2, 1, 2, Number.NaN, 0.5))).toThrow("row 1: logit 0 is NaN");
  });

  it("tells logits from probabilities by the first row", () => {
    expect(scoreKind(rows(2, 0.4, 0.6, 3, 4))).toBe("probabilities");
    expect(scoreKind(rows(2, -0.4, 0.6))).toBe("logits");
    // Softmax in float32 rounds beyond 0 and 1, while small logits sum to one only by accident.
    expect(scoreKind(rows(2, -1.2e-7, 1.00000012))).toBe("probabilities");
    expect(scoreKind(rows(2, -1e-4, 1e-4))).toBe("logits");
  });

  it("goes to logits and back", () => {
    const p = rows(3, 0.2, 0.3, 0.5, 1, 0, 0);
    const back = softmax(toLogits(p, "probabilities"));
    for (const [i, value] of p.data.entries()) expect(back.data[i]).toBeCloseTo(value, 12);
    expect([...softmax(rows(2, 1000, 1000)).data]).toEqual([0.5, 0.5]);
    expect(softmax(rows(2, 0, 4), 2).data[1]).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
  });

  it("takes the lowest of equally probable classes", () => {
    expect(topOutcomes(rows(2, 0.5, 0.5), [0])).toEqual({
      confidence: Float64Array.of(0.5),
      correct: Uint8Array.of(1),
    });
    expect(() => topOutcomes(rows(2, 0.5, 0.5), [0, 1])).toThrow("has 2 labels for 1 row of scores; give one for each");
  });
});
