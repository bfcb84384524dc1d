import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Groups } from "./groups.ts";
import { decisionChances, drawDecisions, fitRandomizedThreshold, signedScores } from "./randomized-threshold.ts";
import { reduceToBinary } from "./reduce-to-binary.ts";
import { DualDescent, fitStochastically } from "./stochastic-threshold.ts";

const fixtures = JSON.parse(readFileSync(new URL("../../fixtures/fairness.json", import.meta.url), "utf8")) as {
  thresholds: { p: number[]; groups: number[]; gamma: number; level: number; chances: number[]; objective: number }[];
  classes: { classes: number; p: number[]; groups: number[]; gamma: number; level: number; probabilities: number[] }[];
};

const numbered = (of: number[]): Groups => ({
  attribute: "group",
  names: [...new Set(of)].map(String),
  of: Int32Array.from(of),
});

describe("randomized threshold optimizer", () => {
  it("solves the quadratic programme as SciPy does", () => {
    for (const { p, groups: of, gamma, level, chances: expected, objective } of fixtures.thresholds) {
      const groups = numbered(of);
      const scores = signedScores(p);
      const rule = fitRandomizedThreshold(scores, groups, { gamma, level });
      const chances = decisionChances(rule, scores, groups);
      for (const [row, chance] of expected.entries()) expect(chances[row]).toBeCloseTo(chance, 6);
      const own = chances.reduce((sum, x, row) => sum + (gamma / 2) * x * x - scores[row]! * x, 0);
      expect(own).toBeCloseTo(objective, 8);
    }
  });

  it("has a closed form for even scores", () => {
    // Scores -1 to 1 evenly, band 0.5, rate ¼: the chances of 1001 scores are ¼ where t + γ/2 is the upper quartile, ½.
    const scores = Float64Array.from({ length: 1001 }, (_, i) => i / 500 - 1);
    const { thresholds } = fitRandomizedThreshold(scores, numbered(new Array(1001).fill(0)), {
      gamma: 0.5,
      rate: 0.25,
    });
    expect(thresholds[0]).toBeCloseTo(0.25, 2);
  });

  it("reaches rates 0 and 1, and rates on flat stretches", () => {
    const groups = numbered([0, 0, 1, 1]);
    const scores = [-1, 1, -1, 1];
    for (const rate of [0, 0.5, 1]) {
      const chances = decisionChances(fitRandomizedThreshold(scores, groups, { rate }), scores, groups);
      expect((chances[0]! + chances[1]!) / 2).toBeCloseTo(rate, 12);
    }
  });

  it("comes to the same by stochastic descent", () => {
    for (const { p, groups: of, gamma, level } of fixtures.thresholds) {
      const [scores, groups] = [signedScores(p), numbered(of)];
      const exact = fitRandomizedThreshold(scores, groups, { gamma, level });
      const descended = fitStochastically(scores, groups, { gamma, level, steps: 2000, batch: 32, fullSteps: 2000 });
      const [a, b] = [exact, descended].map((rule) => decisionChances(rule, scores, groups)) as [
        Float64Array,
        Float64Array,
      ];
      for (const [row, chance] of a.entries()) expect(b[row]).toBeCloseTo(chance, 5);
    }
  });

  it("descends along one multiplier of either sign where bounds are closer than 0.002", () => {
    // A mean of 0.2 is below both bounds: one multiplier goes by the upper one, the lower bound's own by the lower one.
    const stepped = (low: number, high: number) => {
      const descent = new DualDescent(1, low, high);
      descent.step([0.2, 0.2], 1);
      return descent.threshold;
    };
    expect(stepped(0.5, 0.501)).toBeCloseTo(0.2 - 0.501, 12);
    expect(stepped(0.5, 0.503)).toBeCloseTo(0.2 - 0.5, 12);
  });

  it("draws decisions by their chances, the same for a seed", () => {
    const chances = new Float64Array(10_000).fill(0.3);
    const drawn = drawDecisions(chances, 1);
    expect(drawDecisions(chances, 1)).toEqual(drawn);
    expect(drawDecisions(chances, 2)).not.toEqual(drawn);
    // Three standard deviations of a mean of 10,000.
    expect(Math.abs(drawn.reduce((sum, decision) => sum + decision, 0) / 10_000 - 0.3)).toBeLessThan(3 * 0.0046);
    expect([...drawDecisions([0, 1])]).toEqual([0, 1]);
  });

  it("says what cannot be fitted", () => {
    const groups = { ...numbered([0, 0]), names: ["a", "b"] };
    expect(() => fitRandomizedThreshold([0, 1], groups)).toThrow('group "b" has no rows to fit a threshold to');
    expect(() => fitRandomizedThreshold([0, Number.NaN], numbered([0, 0]))).toThrow("row 1 has score NaN");
    expect(() => fitRandomizedThreshold([0, 1], numbered([0, 0]), { gamma: 0 })).toThrow("a random band of width 0");
    expect(() => fitRandomizedThreshold([0, 1], numbered([0, 0]), { level: -1 })).toThrow("parity level -1");
    expect(() => fitRandomizedThreshold([5, 6], numbered([0, 0]))).toThrow("rate 3.25 of positive decisions");
  });
});

describe("reduceToBinary", () => {
  it("solves the quadratic programme of all classes as SciPy does", () => {
    for (const { classes, p, groups, gamma, level, probabilities } of fixtures.classes) {
      const given = { width: classes, data: Float64Array.from(p) };
      const reduced = reduceToBinary(given, numbered(groups), { gamma, level, rounds: 2000 });
      for (const [i, value] of probabilities.entries()) expect(reduced.probabilities.data[i]).toBeCloseTo(value, 5);
      expect(reduced.residuals.primal).toBeLessThan(1e-7);
      expect(reduced.rounds).toBeLessThan(2000);
    }
  });

  it("changes nothing where the level allows everything and probabilities are wanted", () => {
    const given = { width: 2, data: Float64Array.of(0.25, 0.75, 0.5, 0.5) };
    const { probabilities } = reduceToBinary(given, numbered([0, 1]), { level: 2 });
    for (const [i, value] of given.data.entries()) expect(probabilities.data[i]).toBeCloseTo(value, 6);
  });
});
