import { type Binning, CalibrationBins, equalWidth } from "../calibration/bins.ts";
import { calibrationError } from "../calibration/calibration-error.ts";
import { topOutcomes } from "../calibration/outcomes.ts";
import { binaryProbabilities } from "../calibration/probabilities.ts";
import { reflectedInterval } from "../calibration/reflected-interval.ts";
import { chart, linear } from "../plots/index.ts";
import { bootstrap, type Estimate } from "../statistics/index.ts";
import type { Plot, SuiteOptions } from "../suite/suite.ts";
import { GroupCounts } from "./group-counts.ts";
import { type BinaryQuestion, crossMitigated, equalMeans, equalRates } from "./mitigation.ts";
import { groupRates, parity } from "./parity.ts";

/** What parity at one level costs. */
export interface TradeOffPoint {
  /** How far the rates of groups were allowed to be apart. */
  readonly level: number;
  /** How far they are apart on rows that the rule was not fitted to. */
  readonly parity: Estimate;
  /** Expected accuracy of the decisions. */
  readonly accuracy: Estimate;
  /** Calibration error of the chance of deciding yes, taken as its probability. */
  readonly ece: Estimate;
}

/** How {@link parityTradeOff} goes along the curve. */
export interface TradeOffOptions extends SuiteOptions {
  /**
   * `decisions` (the default) debiases decisions, nearly hard ones: what accuracy is to be read from. `probabilities` finds the nearest
   * probabilities with equal means: what calibration is to be read from, since hard decisions claim to be sure.
   */
  readonly of?: "decisions" | "probabilities";
  /** Width of the random band of decisions; 0.05 by default. */
  readonly gamma?: number;
  readonly binning?: Binning;
}

/**
 * The trade-off between parity and accuracy (and calibration) that the ViT-22B paper plots for models of several sizes: the classifier is
 * debiased to each level of demographic parity by the randomized threshold optimizer, fitted on one random half of the rows and measured on
 * the other, both ways.
 */
export function parityTradeOff(
  question: BinaryQuestion,
  levels: readonly number[],
  { of = "decisions", gamma = 0.05, binning = equalWidth(15), ...options }: TradeOffOptions = {},
): TradeOffPoint[] {
  const { labels, groups } = question;
  const variants = levels.map((level) => {
    const mitigation = of === "decisions" ? equalRates(level, gamma) : equalMeans(level);
    const chances = crossMitigated(question, mitigation, options.seed);
    return { chances, outcomes: topOutcomes(binaryProbabilities(chances), labels) };
  });
  const statistics = (weights: Int32Array) =>
    Object.fromEntries(
      variants.flatMap(({ chances, outcomes }, i) => {
        const rates = groupRates(new GroupCounts(groups.names).add({ decisions: chances, labels, groups }, weights));
        const right = rates.reduce((sum, { accuracy, cases }) => sum + accuracy * cases, 0);
        return [
          [`${i}/parity`, parity(rates).demographicParityDifference],
          [`${i}/accuracy`, right / labels.length],
          [`${i}/ece`, calibrationError(new CalibrationBins(binning).add(outcomes, weights))],
        ];
      }),
    ) as Record<string, number>;
  const found = bootstrap<string>(labels.length, statistics, { ...options, strata: groups.of });
  return levels.map((level, i) => ({
    level,
    parity: reflectedInterval(found[`${i}/parity`]!),
    accuracy: found[`${i}/accuracy`]!,
    ece: reflectedInterval(found[`${i}/ece`]!),
  }));
}

/**
 * Levels from 0 to the difference that the classifier has by itself, evenly.
 *
 * @param count at least 2
 */
export function parityLevels(difference: number, count = 9): number[] {
  return Array.from({ length: count }, (_, i) => (difference * i) / (count - 1));
}

/**
 * The trade-off as a chart: accuracy, or calibration error, against the parity that is reached, one line for each of the named curves. Give
 * curves of several models to compare them as the paper does.
 */
export function tradeOffPlot(
  curves: Readonly<Record<string, readonly TradeOffPoint[]>>,
  measure: "accuracy" | "ece",
  title = measure === "accuracy" ? "Accuracy at levels of parity" : "Calibration error at levels of parity",
): Plot {
  const points = Object.values(curves).flat();
  const widest = Math.max(...points.map(({ parity }) => parity.value), 1e-3);
  const heights = points.flatMap((point) => [point[measure].low, point[measure].high]);
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const margin = Math.max(0.05 * (high - low), 1e-4);
  const svg = chart({
    title,
    description: `What ${measure === "accuracy" ? "accuracy" : "calibration error"} is left when groups' rates of positive decisions may differ by so much.`,
    x: { label: "demographic parity difference", scale: linear([0, 1.05 * widest]) },
    y: { label: measure === "accuracy" ? "expected accuracy" : "ECE", scale: linear([low - margin, high + margin]) },
    marks: Object.entries(curves).flatMap(([name, curve]) => {
      const line = [...curve]
        .sort((a, b) => a.parity.value - b.parity.value)
        .map(({ parity, [measure]: { value, low, high } }) => ({ x: parity.value, y: value, low, high }));
      const bare = line.map(({ x, y }) => ({ x, y }));
      return [{ kind: "line", name, points: line } as const, { kind: "points", name, points: bare } as const];
    }),
  });
  return { name: `trade-off-${measure}`, title, svg };
}
