import { calibrationErrorLimits } from "../calibration/error-limits.ts";
import {
  type Estimate,
  gapInterval,
  greatestInterval,
  type Limits,
  type LimitsAt,
  normalQuantileOf,
  oneSidedError,
  wilsonInterval,
} from "../statistics/index.ts";
import type { ResultTable } from "../suite/suite.ts";
import type { ResultView, SubgroupsView } from "../views/index.ts";
import type { GroupTally } from "./group-tally.ts";
import { difference, type GroupRates, groupRates, missingCases } from "./parity.ts";
import { accuracyIntervals, type ParityIntervals, parityIntervals } from "./parity-intervals.ts";

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
} as const satisfies Record<string, keyof ParityIntervals>;

/** Fewer cases than this leave the largest of several calibration errors to luck: no interval of it was found to hold. */
const fewestForWorstError = 200;

/**
 * Compares groups: rates, accuracy and calibration in each, and how far they are apart. All of it, and all intervals, come from counts. With
 * several positive classes a difference is that of the class where it is largest, a ratio where it is smallest.
 *
 * @param positives the classes whose selection is compared
 */
export function reportGroups(tally: GroupTally, attribute: string, positives: readonly number[]): GroupReport {
  const { groups } = tally;
  const names = groups.map(({ name }) => name);
  const counts = positives.map((positive) => tally.countsOf(positive));
  const parities = parityIntervals(counts);
  const accuracies = groups.map(({ right, cases }) => wilsonInterval(right, cases));
  const errorsAt: LimitsAt = (z) => groups.map(({ bins }) => calibrationErrorLimits(bins, z));
  const errors = errorsAt(normalQuantileOf(1 - oneSidedError));
  const count = groups.reduce((sum, { cases }) => sum + cases, 0);
  const short = groups.filter(({ cases }) => cases < fewestForWorstError);
  const found: Record<string, Estimate> = {
    ...Object.fromEntries(Object.entries(gapNames).map(([name, key]) => [name, parities[key]])),
    ...accuracyIntervals(groups.map(({ right, cases }) => ({ value: right / cases, cases }))),
    "ece-gap": estimateOf(gapInterval(errorsAt), count),
    "worst-ece": estimateOf(short.length > 0 ? withoutInterval(errors) : greatestInterval(errorsAt), count),
    ...Object.fromEntries(groups.map(({ name, cases }, group) => [`${name}/ece`, estimateOf(errors[group]!, cases)])),
    ...Object.fromEntries(names.map((name, group) => [`${name}/accuracy`, accuracies[group]!])),
  };
  const rates = counts.map(groupRates);
  const isBinary = positives.length === 1;
  return {
    metrics: Object.fromEntries(Object.entries(found).map(([name, value]) => [`${attribute}/${name}`, value])),
    tables: [groupTable(attribute, rates[0]!, accuracies, found, isBinary), gapTable(attribute, found)],
    views: [groupView(attribute, rates[0]!, accuracies, found, isBinary)],
    notes: [
      ...notesOf(attribute, rates, accuracies),
      ...(short.length === 0
        ? []
        : [
            `By ${attribute}, the worst ECE has no interval: ${short.length} of ${groups.length} groups have fewer than ${fewestForWorstError} cases, and the largest of such errors is mostly luck.`,
          ]),
    ],
  };
}

function estimateOf({ value, low, high }: Limits, count: number): Estimate {
  return { value, low, high, count };
}

/** The largest of some errors alone. */
function withoutInterval(errors: readonly Limits[]): Limits {
  return { value: Math.max(...errors.map(({ value }) => value)), low: Number.NaN, high: Number.NaN };
}

function groupTable(
  attribute: string,
  rates: readonly GroupRates[],
  accuracies: readonly Estimate[],
  found: Readonly<Record<string, Estimate>>,
  isBinary: boolean,
): ResultTable {
  const share = (rate: number, cases: number) => wilsonInterval(Math.round(rate * cases), Math.round(cases));
  const columns = ["group", "cases", "accuracy", "ECE"];
  if (isBinary) columns.push("base rate", "selection rate", "true positive rate", "false positive rate");
  const rows = rates.map(
    ({ group: name, cases, baseRate, selectionRate, truePositiveRate, falsePositiveRate }, group) => {
      const common = [name, cases, accuracies[group]!, found[`${name}/ece`]!];
      if (!isBinary) return common;
      const positives = baseRate * cases;
      return [
        ...common,
        share(baseRate, cases),
        share(selectionRate, cases),
        positives === 0 ? "no such cases" : share(truePositiveRate, positives),
        positives === cases ? "no such cases" : share(falsePositiveRate, cases - positives),
      ];
    },
  );
  return { title: `Groups by ${attribute}`, columns, rows };
}

/** Rates of groups beside each other: of a question of yes and no all of them, of several classes what all classes share. */
function groupView(
  attribute: string,
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
    groups: rates.map(({ group }) => group),
    sizes: rates.map(({ cases }) => cases),
    measures: [
      { name: "accuracy", values: accuracies.map(({ value }) => value), gap: gap("accuracy-gap") },
      ...(isBinary ? binary : []),
      { name: "ECE", values: rates.map(({ group }) => gap(`${group}/ece`)), gap: gap("ece-gap"), worst: "greatest" },
    ],
  };
}

function gapTable(attribute: string, found: Readonly<Record<string, Estimate>>): ResultTable {
  const names = [...Object.keys(gapNames), "accuracy-gap", "worst-accuracy", "ece-gap", "worst-ece"];
  return {
    title: `Between groups by ${attribute}`,
    columns: ["measure", "value"],
    rows: names.map((name) => [name, found[name]!]),
  };
}

function notesOf(
  attribute: string,
  rates: readonly (readonly GroupRates[])[],
  accuracies: readonly Estimate[],
): string[] {
  const values = accuracies.map(({ value }) => value);
  const worst = rates[0]![values.indexOf(Math.min(...values))]!.group;
  const missing = rates.length === 1 ? missingCases(rates[0]!) : missingOfClasses(rates);
  return [`By ${attribute}, accuracy is lowest for "${worst}".`, ...missing.map((text) => `By ${attribute}, ${text}.`)];
}

/** One sentence instead of thousands. */
function missingOfClasses(rates: readonly (readonly GroupRates[])[]): string[] {
  const lacking = rates.flat().filter(({ truePositiveRate }) => Number.isNaN(truePositiveRate)).length;
  return lacking === 0 ? [] : [`${lacking} pairs of group and class have no such cases and are compared without`];
}
