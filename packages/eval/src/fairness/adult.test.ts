import { describe, expect, it } from "vitest";
import { CalibrationBins, equalWidth } from "../calibration/bins.ts";
import { calibrationError, expectedCalibrationError } from "../calibration/calibration-error.ts";
import { accuracyOf, classOutcomes, topOutcomes } from "../calibration/outcomes.ts";
import { binaryProbabilities } from "../calibration/probabilities.ts";
import { brierScores, negativeLogLikelihoods } from "../calibration/proper-scores.ts";
import { auroc, rocCurve } from "../calibration/roc.ts";
import { mean } from "../statistics/index.ts";
import { hasSharedData, sharedCsv, sharedText } from "../testing/shared-data.ts";
import { fitEqualizedOdds } from "./equalized-odds.ts";
import { GroupCounts } from "./group-counts.ts";
import { type Groups, rowsOfGroups } from "./groups.ts";
import { groupRates, parity } from "./parity.ts";
import { decisionChances, fitRandomizedThreshold, signedScores } from "./randomized-threshold.ts";
import { fitStochastically } from "./stochastic-threshold.ts";

const present = hasSharedData("fairness on Adult (packages/eval)");

interface Expected {
  races: string[];
  overall: Record<string, number>;
  by_sex: { groups: Record<string, number>[] } & Record<string, number>;
  rto: {
    group: string;
    gamma: number;
    eps: number;
    rho: number;
    thresholds: number[];
    group_rates: number[];
    dp: number;
    expected_accuracy: number;
    objective: number;
    sgd_plus_gd_thresholds_seed0?: number[];
  }[];
  hardt_equalized_odds_sex: { p_flip: Record<string, number>; min_error: number; unconstrained_error: number };
}

/** The measures of rows that the fixture has, by its names. */
function measures(p: Float64Array, labels: Uint8Array): Record<string, number> {
  const probabilities = binaryProbabilities(p);
  const top = topOutcomes(probabilities, labels);
  return {
    accuracy: accuracyOf(top).value,
    ece15: expectedCalibrationError(top),
    ece15_pos: expectedCalibrationError(classOutcomes(probabilities, labels, 1)),
    ece15_adaptive_l1: expectedCalibrationError(top, { binning: "mass" }),
    rmsce15_adaptive_l2: expectedCalibrationError(top, { binning: "mass", norm: "l2" }),
    brier_2class: mean(brierScores(probabilities, labels)),
    nll: mean(negativeLogLikelihoods(probabilities, labels)),
    auc: auroc(rocCurve(p, labels)),
  };
}

describe.skipIf(!present)("Adult", () => {
  const expected = present
    ? (JSON.parse(sharedText("fairness/adult-fairness-expected.json")) as Expected)
    : (undefined as unknown as Expected);
  const people = present ? sharedCsv("fairness/adult-scores.csv.gz") : [];
  const p = Float64Array.from(people, (person) => Number(person.p));
  const labels = Uint8Array.from(people, (person) => Number(person.label));
  const decisions = p.map((value) => (value > 0.5 ? 1 : 0));
  const sex: Groups = {
    attribute: "sex",
    names: ["Female", "Male"],
    of: Int32Array.from(people, (person) => Number(person.sex)),
  };
  const race: Groups = {
    attribute: "race",
    names: expected?.races ?? [],
    of: Int32Array.from(people, (person) => Number(person.race)),
  };

  it("has the expected calibration overall", () => {
    for (const [name, value] of Object.entries(measures(p, labels))) {
      expect(value, name).toBeCloseTo(expected.overall[name]!, 12);
    }
  });

  it("has the expected calibration in each group", () => {
    for (const [group, rows] of rowsOfGroups(sex).entries()) {
      const found = measures(
        Float64Array.from(rows, (row) => p[row]!),
        Uint8Array.from(rows, (row) => labels[row]!),
      );
      for (const [name, value] of Object.entries(found)) {
        expect(value, name).toBeCloseTo(expected.by_sex.groups[group]![name]!, 12);
      }
    }
    // The same from counts alone, added in two halves.
    const top = topOutcomes(binaryProbabilities(p), labels);
    const inGroup = (group: number) => sex.of.map((own) => (own === group ? 1 : 0));
    const half = (from: number, to: number) =>
      new CalibrationBins(equalWidth(15)).add(
        { confidence: top.confidence.subarray(from, to), correct: top.correct.subarray(from, to) },
        inGroup(0).subarray(from, to),
      );
    const merged = calibrationError(half(0, 4000).merge(half(4000, p.length)));
    expect(merged).toBeCloseTo(expected.by_sex.groups[0]!.ece15!, 12);
  });

  it("has the expected rates and gaps by sex", () => {
    const rates = groupRates(new GroupCounts(sex.names).add({ decisions, labels, groups: sex }));
    for (const [group, own] of rates.entries()) {
      const known = expected.by_sex.groups[group]!;
      expect(own.cases).toBe(known.n);
      expect(own.baseRate).toBeCloseTo(known.base_rate!, 12);
      expect(own.selectionRate).toBeCloseTo(known.selection_rate!, 12);
      expect(own.accuracy).toBeCloseTo(known.accuracy!, 12);
      expect(own.truePositiveRate).toBeCloseTo(known.tpr!, 12);
      expect(own.falsePositiveRate).toBeCloseTo(known.fpr!, 12);
    }
    const found = parity(rates);
    const known = expected.by_sex;
    expect(found.demographicParityDifference).toBeCloseTo(known.selection_rate_gap!, 12);
    expect(found.demographicParityRatio).toBeCloseTo(known.demographic_parity_ratio!, 12);
    expect(found.accuracyDifference).toBeCloseTo(known.accuracy_gap!, 12);
    expect(found.equalOpportunityDifference).toBeCloseTo(known.tpr_gap!, 12);
    expect(found.equalizedOddsDifference).toBeCloseTo(known.equalized_odds_difference_worst_case!, 12);
    expect(found.equalizedOddsMeanDifference).toBeCloseTo(known.equalized_odds_difference_mean!, 12);
  });

  it("has the expected debiased rules for both attributes, all widths and levels", () => {
    const scores = signedScores(p);
    for (const known of expected.rto) {
      const groups = known.group === "sex" ? sex : race;
      const rule = fitRandomizedThreshold(scores, groups, { gamma: known.gamma, level: known.eps });
      const chances = decisionChances(rule, scores, groups);
      const rates = groupRates(new GroupCounts(groups.names).add({ decisions: chances, labels, groups }));
      for (const [group, threshold] of known.thresholds.entries()) {
        expect(rule.thresholds[group]).toBeCloseTo(threshold, 9);
        expect(rates[group]!.selectionRate).toBeCloseTo(known.group_rates[group]!, 12);
      }
      expect(parity(rates).demographicParityDifference).toBeCloseTo(known.dp, 12);
      const accuracy = rates.reduce((sum, { accuracy, cases }) => sum + accuracy * cases, 0) / p.length;
      expect(accuracy).toBeCloseTo(known.expected_accuracy, 12);
      const objective = chances.reduce((sum, x, row) => sum + (known.gamma / 2) * x * x - scores[row]! * x, 0);
      expect(objective).toBeCloseTo(known.objective, 6);
    }
    expect(expected.rto.length).toBeGreaterThan(10);
  });

  it("comes to the same by stochastic descent", () => {
    const known = expected.rto.find(({ group, gamma, eps }) => group === "sex" && gamma === 1 && eps === 0.02)!;
    const found = fitStochastically(signedScores(p), sex, { gamma: 1, level: 0.02, steps: 1000, fullSteps: 200 });
    for (const [group, threshold] of known.thresholds.entries())
      expect(found.thresholds[group]).toBeCloseTo(threshold, 6);
  });

  it("has the expected equalised odds", () => {
    const rule = fitEqualizedOdds(new GroupCounts(sex.names).add({ decisions, labels, groups: sex }));
    const { p_flip, min_error } = expected.hardt_equalized_odds_sex;
    expect(rule.error).toBeCloseTo(min_error, 9);
    const known = Object.values(p_flip);
    for (const [i, chance] of rule.chances.flat().entries()) expect(chance).toBeCloseTo(known[i]!, 6);
  });
});
