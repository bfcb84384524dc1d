import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { wilsonInterval } from "../statistics/index.ts";
import { numberColumn, table, textColumn } from "../table/index.ts";
import { fitEqualizedOdds } from "./equalized-odds.ts";
import { equalizedThresholdChances, fitEqualizedThresholds } from "./equalized-thresholds.ts";
import { GroupCounts } from "./group-counts.ts";
import { type Groups, groupsOf } from "./groups.ts";
import { groupRates, missingCases, type Parity, parity } from "./parity.ts";
import { accuracyIntervals } from "./parity-intervals.ts";

interface MetricsCase {
  p: number[];
  labels: number[];
  groups: number[];
  byGroup: Record<"selectionRate" | "truePositiveRate" | "falsePositiveRate" | "accuracy", number[]>;
  parity: Parity;
  equalizedOdds: number;
  equalizedThresholds: number;
  fairlearnThresholds: number;
}

const { metrics } = JSON.parse(readFileSync(new URL("../../fixtures/fairness.json", import.meta.url), "utf8")) as {
  metrics: MetricsCase[];
};

const numbered = (of: number[]): Groups => ({
  attribute: "group",
  names: [...new Set(of)].sort().map(String),
  of: Int32Array.from(of),
});
const decided = ({ p, labels, groups }: Pick<MetricsCase, "p" | "labels" | "groups">) => ({
  decisions: p.map((value) => (value > 0.5 ? 1 : 0)),
  labels,
  groups: numbered(groups),
});

describe("group fairness", () => {
  it.each(metrics.map((known, number) => ({ known, number })))(
    "agrees with fairlearn in random case $number",
    ({ known }) => {
      const rows = decided(known);
      const rates = groupRates(new GroupCounts(rows.groups.names).add(rows));
      for (const name of ["selectionRate", "truePositiveRate", "falsePositiveRate", "accuracy"] as const) {
        for (const [group, rate] of known.byGroup[name].entries()) expect(rates[group]![name]).toBeCloseTo(rate, 12);
      }
      const found = parity(rates);
      for (const name of Object.keys(known.parity) as (keyof Parity)[]) {
        expect(found[name], name).toBeCloseTo(known.parity[name], 12);
      }
    },
  );

  it("leaves a group without positives or negatives out, and says so", () => {
    // Group 0: two positives, one found. Group 1: three negatives, none selected. Group 2: one of each, both selected.
    const rows = {
      decisions: [1, 0, 0, 0, 0, 1, 1],
      labels: [1, 1, 0, 0, 0, 1, 0],
      groups: numbered([0, 0, 1, 1, 1, 2, 2]),
    };
    const rates = groupRates(new GroupCounts(rows.groups.names).add(rows));
    expect(parity(rates)).toEqual({
      demographicParityDifference: 1,
      demographicParityRatio: 0,
      equalOpportunityDifference: 0.5,
      equalizedOddsDifference: 1,
      equalizedOddsMeanDifference: 0.75,
      equalizedOddsRatio: 0,
      accuracyDifference: 0.5,
      worstAccuracy: 0.5,
    });
    expect(missingCases(rates)).toEqual([
      'group "0" has no negatives, so no false positive rate: equalised odds are compared without it',
      'group "1" has no positives, so no true positive rate: equal opportunity is compared without it',
    ]);
    expect(() => fitEqualizedOdds(new GroupCounts(rows.groups.names).add(rows))).toThrow(
      'group "0" has no negatives, so its odds cannot be made equal; leave it out',
    );
  });

  it("says of many groups in one sentence what they lack", () => {
    const labels = [1, 1, 1, 1, 1, 0, 1];
    const rows = { decisions: labels, labels, groups: numbered([0, 1, 2, 3, 4, 5, 5]) };
    expect(missingCases(groupRates(new GroupCounts(rows.groups.names).add(rows)))).toEqual([
      'groups "0", "1", "2" and 2 others have no negatives, so no false positive rate: equalised odds are compared without them',
    ]);
  });

  it("calls selection of nobody equal", () => {
    const rows = { decisions: [0, 0], labels: [0, 1], groups: numbered([0, 1]) };
    expect(parity(groupRates(new GroupCounts(rows.groups.names).add(rows)))).toMatchObject({
      demographicParityDifference: 0,
      demographicParityRatio: 1,
      equalOpportunityDifference: Number.NaN,
    });
  });

  it("counts the same in parts, and halves of decisions as halves", () => {
    const rows = { decisions: [0.5, 1, 0.25, 0], labels: [1, 0, 1, 0], groups: numbered([0, 0, 1, 1]) };
    const whole = new GroupCounts(rows.groups.names).add(rows);
    expect(groupRates(whole)).toMatchObject([
      { selectionRate: 0.75, accuracy: 0.25, truePositiveRate: 0.5, falsePositiveRate: 1 },
      { selectionRate: 0.125, accuracy: 0.625, truePositiveRate: 0.25, falsePositiveRate: 0 },
    ]);
    const first = new GroupCounts(["0", "1"]).add(rows, Int32Array.of(1, 0, 1, 0));
    expect(first.merge(new GroupCounts(["0", "1"]).add(rows, Int32Array.of(0, 1, 0, 1)))).toEqual(whole);
    expect(() => first.merge(new GroupCounts(["a"]))).toThrow("counts of groups a do not add to those of 0, 1");
  });
});

describe("equalised odds", () => {
  it.each(metrics.map((known, number) => ({ known, number })))(
    "has the least error of a linear programme in case $number",
    ({ known }) => {
      const rows = decided(known);
      const { groups, labels } = rows;
      const rule = fitEqualizedOdds(new GroupCounts(groups.names).add(rows));
      expect(rule.error).toBeCloseTo(known.equalizedOdds, 9);

      const thresholds = fitEqualizedThresholds(known.p, labels, groups);
      expect(thresholds.error).toBeCloseTo(known.equalizedThresholds, 9);
      // fairlearn looks at 4000 rates, and comes near.
      expect(thresholds.error).toBeLessThan(known.fairlearnThresholds);
      expect(thresholds.error).toBeGreaterThan(known.fairlearnThresholds - 1e-3);
      // What the rule does on its rows: equal rates, and the error it claims.
      const chances = equalizedThresholdChances(thresholds, known.p, groups);
      const counts = new GroupCounts(groups.names).add({ decisions: chances, labels, groups });
      for (const { truePositiveRate, falsePositiveRate } of groupRates(counts)) {
        expect(truePositiveRate).toBeCloseTo(thresholds.truePositiveRate, 12);
        expect(falsePositiveRate).toBeCloseTo(thresholds.falsePositiveRate, 12);
      }
      const wrong = labels.reduce((sum, label, row) => sum + Math.abs(label - chances[row]!), 0);
      expect(wrong / labels.length).toBeCloseTo(thresholds.error, 12);
    },
  );
});

describe("accuracyIntervals", () => {
  it("are of the least no narrower than those of the group that has it", () => {
    const groups = [
      [1, 30],
      [0.8, 100],
      [0.98, 50],
      [1, 100_000],
    ].map(([value, cases]) => ({ value: value!, cases: cases! }));
    for (const chosen of [[0, 3], [1, 2], [2, 3], [1], [0]]) {
      const shares = chosen.map((group) => groups[group]!);
      const { value, low, high } = accuracyIntervals(shares)["worst-accuracy"];
      const worst = shares.reduce((least, share) => (share.value < least.value ? share : least));
      const alone = wilsonInterval(worst.value * worst.cases, worst.cases);
      expect(value).toBe(worst.value);
      expect(low).toBeLessThanOrEqual(alone.low);
      if (chosen.length === 1) expect(high).toBeGreaterThanOrEqual(alone.high);
    }
    // Of a group of accuracy 0.93 all 30 cases are right one time in nine: the interval must reach down to it.
    expect(accuracyIntervals([groups[0]!, groups[3]!])["worst-accuracy"].low).toBeLessThan(0.93);
  });
});

describe("groupsOf", () => {
  const people = table(
    {
      sex: textColumn(["m", "f", "f", "m", "x"]),
      age: numberColumn([30, 40, 30, 40, 30]),
      gap: numberColumn([1, Number.NaN, 1, 1, 1]),
      all: textColumn(new Array(5).fill("one")),
    },
    "people.csv",
  );

  it("takes texts and numbers", () => {
    expect(groupsOf(people, "age")).toEqual({
      attribute: "age",
      names: ["30", "40"],
      of: Int32Array.of(0, 1, 0, 1, 0),
    });
    const crossed = groupsOf(people, ["sex", "age"], { minimumCases: 1 });
    expect(crossed).toEqual({
      attribute: "sex*age",
      names: ["f, 30", "f, 40", "m, 30", "m, 40", "x, 30"],
      of: Int32Array.of(2, 1, 0, 3, 4),
    });
  });

  it("names the row of a group that compares to nothing", () => {
    expect(() => groupsOf(people, "sex")).toThrow(
      'people.csv: row 4: group "x" of "sex" has one case, fewer than 2; join it with another group or leave it out',
    );
    expect(() => groupsOf(people, "gap")).toThrow(
      'row 1: column "gap" is empty; say what group it is, "unknown" for instance',
    );
    expect(() => groupsOf(people, "all")).toThrow(
      'column "all" has only the group "one"; fairness compares at least two',
    );
    expect(() => groupsOf(people, "race")).toThrow('has no column "race"');
  });
});
