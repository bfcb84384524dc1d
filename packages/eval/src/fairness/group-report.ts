import { type Binning, CalibrationBins } from "../calibration/bins.ts";
import { calibrationError } from "../calibration/calibration-error.ts";
import { accuracyOf, type Outcomes, topOutcomes } from "../calibration/outcomes.ts";
import type { RowVectors } from "../calibration/row-vectors.ts";
import { bootstrap, type Estimate, reflectedInterval, wilsonInterval } from "../statistics/index.ts";
import type { ResultTable, SuiteOptions } from "../suite/suite.ts";
import type { ResultView, SubgroupsView } from "../views/index.ts";
import { countByClass } from "./class-counts.ts";
import { type Groups, rowsOfGroups } from "./groups.ts";
import { difference, type GroupRates, groupRates, missingCases, type Parity, parity } from "./parity.ts";

/** A classifier's decisions, as fairness looks at them. */
export interface Decided {
  /** [rows, classes] */
  readonly probabilities: RowVectors;
  /** [rows] most probable class, of equal ones the lowest */
  readonly decisions: Int32Array;
  /** [rows] */
  readonly labels: ArrayLike<number>;
  /** The classes whose selection is compared: one for a question of yes and no, else all. */
  readonly positives: readonly number[];
}

/** What {@link reportGroups} finds. */
export interface GroupReport {
  readonly metrics: Readonly<Record<string, Estimate>>;
  readonly tables: readonly ResultTable[];
  readonly views: readonly ResultView[];
  readonly notes: readonly string[];
}

/** Metrics that measure how far groups are apart, by the names that they are reported under. */
const gapNames = {
  "demographic-parity-difference": "demographicParityDifference",
  "equal-opportunity-difference": "equalOpportunityDifference",
  "equalized-odds-difference": "equalizedOddsDifference",
  "equalized-odds-mean-difference": "equalizedOddsMeanDifference",
  "demographic-parity-ratio": "demographicParityRatio",
  "equalized-odds-ratio": "equalizedOddsRatio",
} as const satisfies Record<string, keyof Parity>;

/**
 * Compares groups: rates, accuracy and calibration in each, and how far they are apart, with intervals from drawing rows again within
 * groups. With several positive classes a difference is that of the class where it is largest, a ratio where it is smallest.
 */
export function reportGroups(decided: Decided, groups: Groups, binning: Binning, options: SuiteOptions): GroupReport {
  const { decisions, labels, positives, probabilities } = decided;
  const outcomes = topOutcomes(probabilities, labels);
  const rows = rowsOfGroups(groups);
  const parts = rows.map((own) => outcomesOf(outcomes, own));
  const ratesOf = (weights?: Int32Array) => {
    const counts = countByClass(decisions, labels, groups, probabilities.width, weights);
    return positives.map((index) => groupRates(counts[index]!));
  };
  const accuraciesOf = (weights: Int32Array) => rows.map((own, group) => weightedAccuracy(parts[group]!, own, weights));
  const errorsOf = (weights: Int32Array) =>
    parts.map((part, group) =>
      calibrationError(new CalibrationBins(binning).add(part, gathered(weights, rows[group]!))),
    );
  const statistics = (weights: Int32Array) => {
    const [accuracies, errors] = [accuraciesOf(weights), errorsOf(weights)];
    return {
      ...gaps(ratesOf(weights)),
      "accuracy-gap": difference(accuracies),
      "worst-accuracy": Math.min(...accuracies),
      "ece-gap": difference(errors),
      "worst-ece": Math.max(...errors),
      ...Object.fromEntries(errors.map((error, group) => [`${groups.names[group]}/ece`, error])),
    };
  };
  const strata = groups.of;
  const found = bootstrap<string>(decisions.length, statistics, { ...options, strata });
  for (const name of Object.keys(found)) {
    if (/difference$|gap$|ece$/.test(name)) found[name] = reflectedInterval(found[name]!);
  }
  const accuracies = parts.map(accuracyOf);
  for (const [group, accuracy] of accuracies.entries()) found[`${groups.names[group]}/accuracy`] = accuracy;
  const rates = ratesOf();
  return {
    metrics: Object.fromEntries(Object.entries(found).map(([name, value]) => [`${groups.attribute}/${name}`, value])),
    tables: [groupTable(groups, rates[0]!, accuracies, found, positives.length === 1), gapTable(groups, found)],
    views: [groupView(groups, rates[0]!, accuracies, found, positives.length === 1)],
    notes: notesOf(groups, rates, accuracies),
  };
}

/** Over positive classes, the worst of everything; what no class has is NaN. */
function gaps(rates: readonly GroupRates[][]): Record<string, number> {
  const all = rates.map(parity);
  const entries = Object.entries(gapNames).map(([name, key]) => {
    const values = all.map((one) => one[key]).filter((value) => !Number.isNaN(value));
    if (values.length === 0) return [name, Number.NaN];
    return [name, name.endsWith("ratio") ? Math.min(...values) : Math.max(...values)];
  });
  return Object.fromEntries(entries) as Record<string, number>;
}

function groupTable(
  { attribute, names }: Groups,
  rates: readonly GroupRates[],
  accuracies: readonly Estimate[],
  found: Readonly<Record<string, Estimate>>,
  isBinary: boolean,
): ResultTable {
  const share = (rate: number, cases: number) => wilsonInterval(Math.round(rate * cases), Math.round(cases));
  const columns = ["group", "cases", "accuracy", "ECE"];
  if (isBinary) columns.push("base rate", "selection rate", "true positive rate", "false positive rate");
  const rows = rates.map(({ cases, baseRate, selectionRate, truePositiveRate, falsePositiveRate }, group) => {
    const common = [names[group]!, cases, accuracies[group]!, found[`${names[group]}/ece`]!];
    if (!isBinary) return common;
    const positives = baseRate * cases;
    return [
      ...common,
      share(baseRate, cases),
      share(selectionRate, cases),
      positives === 0 ? "no such cases" : share(truePositiveRate, positives),
      positives === cases ? "no such cases" : share(falsePositiveRate, cases - positives),
    ];
  });
  return { title: `Groups by ${attribute}`, columns, rows };
}

/** Rates of groups beside each other: of a question of yes and no all of them, of several classes what all classes share. */
function groupView(
  { attribute, names }: Groups,
  rates: readonly GroupRates[],
  accuracies: readonly Estimate[],
  found: Readonly<Record<string, Estimate>>,
  isBinary: boolean,
): SubgroupsView {
  const [selected, hit, alarmed] = (["selectionRate", "truePositiveRate", "falsePositiveRate"] as const).map((name) =>
    rates.map((rate) => rate[name]),
  ) as [number[], number[], number[]];
  const gap = (name: string) => found[name]!.value;
  const binary: SubgroupsView["measures"] = [
    { name: "selection rate", values: selected, gap: gap("demographic-parity-difference"), worst: "none" },
    { name: "true positive rate", values: hit, gap: gap("equal-opportunity-difference") },
    {
      name: "false positive rate",
      values: alarmed,
      gap: difference(alarmed.filter((rate) => !Number.isNaN(rate))),
      worst: "greatest",
    },
  ];
  return {
    kind: "subgroups",
    title: `Groups by ${attribute}`,
    groups: names,
    sizes: rates.map(({ cases }) => cases),
    measures: [
      { name: "accuracy", values: accuracies.map(({ value }) => value), gap: gap("accuracy-gap") },
      ...(isBinary ? binary : []),
      { name: "ECE", values: names.map((name) => gap(`${name}/ece`)), gap: gap("ece-gap"), worst: "greatest" },
    ],
  };
}

function gapTable({ attribute }: Groups, found: Readonly<Record<string, Estimate>>): ResultTable {
  const names = [...Object.keys(gapNames), "accuracy-gap", "worst-accuracy", "ece-gap", "worst-ece"];
  return {
    title: `Between groups by ${attribute}`,
    columns: ["measure", "value"],
    rows: names.map((name) => [name, found[name]!]),
  };
}

function notesOf(
  { attribute, names }: Groups,
  rates: readonly GroupRates[][],
  accuracies: readonly Estimate[],
): string[] {
  const values = accuracies.map(({ value }) => value);
  const worst = names[values.indexOf(Math.min(...values))];
  const missing = rates.length === 1 ? missingCases(rates[0]!) : missingOfClasses(rates);
  return [`By ${attribute}, accuracy is lowest for "${worst}".`, ...missing.map((text) => `By ${attribute}, ${text}.`)];
}

/** One sentence instead of thousands. */
function missingOfClasses(rates: readonly GroupRates[][]): string[] {
  const lacking = rates.flat().filter(({ truePositiveRate }) => Number.isNaN(truePositiveRate)).length;
  return lacking === 0 ? [] : [`${lacking} pairs of group and class have no such cases and are compared without`];
}

function outcomesOf({ confidence, correct }: Outcomes, rows: Int32Array): Outcomes {
  return {
    confidence: Float64Array.from(rows, (row) => confidence[row]!),
    correct: Uint8Array.from(rows, (row) => correct[row]!),
  };
}

function gathered(weights: Int32Array, rows: Int32Array): Int32Array {
  return rows.map((row) => weights[row]!);
}

function weightedAccuracy({ correct }: Outcomes, rows: Int32Array, weights: Int32Array): number {
  let [right, cases] = [0, 0];
  for (let i = 0; i < rows.length; i++) {
    const weight = weights[rows[i]!]!;
    cases += weight;
    right += weight * correct[i]!;
  }
  return right / cases;
}
