import type { Binning } from "../calibration/bins.ts";
import { reflectedInterval } from "../calibration/reflected-interval.ts";
import { bootstrap, type Estimate } from "../statistics/index.ts";
import type { Plot, ResultTable, SuiteOptions } from "../suite/suite.ts";
import { GroupCounts } from "./group-counts.ts";
import type { GroupReport } from "./group-report.ts";
import {
  type BinaryQuestion,
  crossMitigated,
  equalOdds,
  equalOddsByThresholds,
  equalRates,
  type Mitigation,
  unchanged,
} from "./mitigation.ts";
import { groupRates, parity } from "./parity.ts";
import { parityLevels, parityTradeOff, type TradeOffPoint, tradeOffPlot } from "./trade-off.ts";

const withoutOdds: Readonly<Record<string, Mitigation>> = { "as it is": unchanged, "equal rates": equalRates(0) };
const mitigations: Readonly<Record<string, Mitigation>> = {
  ...withoutOdds,
  "equal odds": equalOdds,
  "equal odds by thresholds": equalOddsByThresholds,
};

/** What it costs to make groups equal: every mitigation, and the curve of accuracy and calibration against the level of parity. */
export function reportMitigation(
  question: BinaryQuestion,
  binning: Binning,
  options: SuiteOptions,
): GroupReport & { readonly plots: readonly Plot[] } {
  const { attribute } = question.groups;
  const short = [0, 1].flatMap((label) =>
    groupsShortOf(question, label).map(
      (group) => `"${group}" has fewer than two ${label === 1 ? "positives" : "negatives"}`,
    ),
  );
  const compared = compareMitigations(question, short.length > 0 ? withoutOdds : mitigations, options);
  const levels = parityLevels(compared["as it is"]!["demographic-parity-difference"].value);
  const decisions = parityTradeOff(question, levels, { ...options, binning });
  const probabilities = parityTradeOff(question, levels, { ...options, binning, of: "probabilities" });
  const metrics = Object.entries(compared).flatMap(([name, found]) =>
    Object.entries(found).map(
      ([metric, value]) => [`${attribute}/${name.replaceAll(" ", "-")}/${metric}`, value] as const,
    ),
  );
  const plots = [
    tradeOffPlot({ [attribute]: decisions }, "accuracy", `Accuracy at levels of parity by ${attribute}`),
    tradeOffPlot({ [attribute]: probabilities }, "ece", `Calibration error at levels of parity by ${attribute}`),
  ].map((plot) => ({ ...plot, name: `${plot.name}-${attribute}` }));
  return {
    metrics: Object.fromEntries(metrics),
    tables: [mitigationTable(attribute, compared), tradeOffTable(attribute, decisions, probabilities)],
    plots,
    notes: [
      `By ${attribute}, mitigations were fitted on one random half of the rows and measured on the other, both ways.`,
      ...(short.length > 0 ? [`By ${attribute}, odds were not made equal: ${short.join(", ")}.`] : []),
    ],
  };
}

type Measured = Record<"accuracy" | "demographic-parity-difference" | "equalized-odds-difference", Estimate>;

function compareMitigations(
  question: BinaryQuestion,
  among: Readonly<Record<string, Mitigation>>,
  options: SuiteOptions,
): Record<string, Measured> {
  const { labels, groups } = question;
  const compared = Object.entries(among).map(([name, mitigation]) => {
    const decisions = crossMitigated(question, mitigation, options.seed);
    const statistics = (weights: Int32Array) => {
      const rates = groupRates(new GroupCounts(groups.names).add({ decisions, labels, groups }, weights));
      const { demographicParityDifference, equalizedOddsDifference } = parity(rates);
      return {
        accuracy: rates.reduce((sum, { accuracy, cases }) => sum + accuracy * cases, 0) / labels.length,
        "demographic-parity-difference": demographicParityDifference,
        "equalized-odds-difference": equalizedOddsDifference,
      };
    };
    const found = bootstrap(labels.length, statistics, { ...options, strata: groups.of });
    for (const gap of ["demographic-parity-difference", "equalized-odds-difference"] as const) {
      found[gap] = reflectedInterval(found[gap]);
    }
    return [name, found] as const;
  });
  return Object.fromEntries(compared);
}

function mitigationTable(attribute: string, compared: Record<string, Measured>): ResultTable {
  return {
    title: `Mitigation by ${attribute}`,
    columns: ["decisions", "expected accuracy", "demographic parity difference", "equalized odds difference"],
    rows: Object.entries(compared).map(([name, found]) => [name, ...Object.values(found)]),
  };
}

function tradeOffTable(
  attribute: string,
  decisions: readonly TradeOffPoint[],
  probabilities: readonly TradeOffPoint[],
): ResultTable {
  return {
    title: `Parity by ${attribute} against accuracy and calibration`,
    columns: [
      "level",
      "parity of decisions",
      "expected accuracy",
      "ECE of decisions",
      "parity of probabilities",
      "ECE of probabilities",
    ],
    rows: decisions.map(({ level, parity, accuracy, ece }, i) => [
      level,
      parity,
      accuracy,
      ece,
      probabilities[i]!.parity,
      probabilities[i]!.ece,
    ]),
  };
}

/** Groups with fewer than two cases of a label cannot have one in each half. */
function groupsShortOf({ labels, groups }: BinaryQuestion, label: number): string[] {
  const cases = new Int32Array(groups.names.length);
  for (let row = 0; row < labels.length; row++) if (labels[row] === label) cases[groups.of[row]!]!++;
  return groups.names.filter((_, group) => cases[group]! < 2);
}
