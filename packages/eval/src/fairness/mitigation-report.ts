import type { Binning } from "../calibration/bins.ts";
import { listed } from "../listed.ts";
import { fileName } from "../plots/file-name.ts";
import type { Plot, ResultTable } from "../suite/suite.ts";
import type { GroupReport } from "./group-report.ts";
import {
  type BinaryQuestion,
  crossMitigated,
  type DebiasingOptions,
  equalOdds,
  equalOddsByThresholds,
  equalRates,
  type Mitigation,
  unchanged,
} from "./mitigation.ts";
import {
  parityLevels,
  type TradeOffPoint,
  tradeOffPlot,
  tradeOffPoints,
  tradeOffTitle,
  tradeOffVariants,
  tradeOffView,
} from "./trade-off.ts";
import { measureVariants, type VariantMeasures } from "./variants.ts";

const oddsMitigations: Readonly<Record<string, Mitigation>> = {
  "equal odds": equalOdds,
  "equal odds by thresholds": equalOddsByThresholds,
};

/** What it costs to make groups equal: every mitigation, and the curve of accuracy and calibration against the level of parity. */
export function reportMitigation(
  question: BinaryQuestion,
  binning: Binning,
  debiasing: DebiasingOptions = {},
): GroupReport & { readonly plots: readonly Plot[] } {
  const { attribute } = question.groups;
  const short = [0, 1].flatMap((label) =>
    groupsShortOf(question, label).map(
      (group) => `"${group}" has fewer than two ${label === 1 ? "positives" : "negatives"}`,
    ),
  );
  const rates = { "as it is": unchanged, "equal rates": equalRates(0, undefined, debiasing) };
  const chosen = Object.entries<Mitigation>({ ...rates, ...(short.length > 0 ? {} : oddsMitigations) });
  const mitigated = chosen.map(([, mitigation]) => crossMitigated(question, mitigation, debiasing.seed));
  const levels = parityLevels(question);
  const along = (["decisions", "probabilities"] as const).flatMap((of) =>
    tradeOffVariants(question, levels, of, undefined, debiasing),
  );
  const measured = measureVariants(question, [...mitigated, ...along], binning);
  const compared = Object.fromEntries(chosen.map(([name], i) => [name, measured[i]!]));
  const middle = mitigated.length + levels.length;
  const decisions = tradeOffPoints(levels, measured.slice(mitigated.length, middle));
  const probabilities = tradeOffPoints(levels, measured.slice(middle));
  const metrics = Object.entries(compared).flatMap(([name, found]) =>
    Object.entries(metricNames).map(
      ([metric, key]) => [`${attribute}/${name.replaceAll(" ", "-")}/${metric}`, found[key]] as const,
    ),
  );
  const curves = [
    [decisions, "accuracy"],
    [probabilities, "ece"],
  ] as const;
  const plots = curves.map(([curve, measure]) => {
    const plot = tradeOffPlot({ [attribute]: curve }, measure, tradeOffTitle(measure, attribute));
    return { ...plot, name: `${plot.name}-${fileName(attribute)}` };
  });
  return {
    metrics: Object.fromEntries(metrics),
    tables: [mitigationTable(attribute, compared), tradeOffTable(attribute, decisions, probabilities)],
    plots,
    views: curves.map(([curve, measure]) =>
      tradeOffView({ [attribute]: curve }, measure, tradeOffTitle(measure, attribute)),
    ),
    notes: [
      `By ${attribute}, mitigations were fitted on one random half of the rows and measured on the other, both ways.`,
      ...(debiasing.method === "stochastic"
        ? [`By ${attribute}, thresholds of equal rates were descended to by stochastic steps, as in the paper.`]
        : []),
      ...(short.length > 0 ? [`By ${attribute}, odds were not made equal: ${listed(short)}.`] : []),
    ],
  };
}

const metricNames = {
  accuracy: "accuracy",
  "demographic-parity-difference": "demographicParityDifference",
  "equalized-odds-difference": "equalizedOddsDifference",
} as const satisfies Record<string, keyof VariantMeasures>;

function mitigationTable(attribute: string, compared: Readonly<Record<string, VariantMeasures>>): ResultTable {
  return {
    title: `Mitigation by ${attribute}`,
    columns: ["decisions", "expected accuracy", "demographic parity difference", "equalized odds difference"],
    rows: Object.entries(compared).map(([name, found]) => [
      name,
      found.accuracy,
      found.demographicParityDifference,
      found.equalizedOddsDifference,
    ]),
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
