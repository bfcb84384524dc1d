import { type Binning, equalWidth } from "../calibration/bins.ts";
import { chart, linear } from "../plots/index.ts";
import { type Estimate, mean } from "../statistics/index.ts";
import type { Plot } from "../suite/suite.ts";
import type { TradeOffView } from "../views/index.ts";
import { GroupCounts } from "./group-counts.ts";
import {
  type BinaryQuestion,
  crossMitigated,
  type DebiasingOptions,
  decisionsOf,
  equalMeans,
  equalRates,
} from "./mitigation.ts";
import { groupRates } from "./parity.ts";
import { measureVariants, type VariantMeasures } from "./variants.ts";

/** What parity at one level costs. */
export interface TradeOffPoint {
  /** How far the rates of groups were allowed to be apart. */
  readonly level: number;
  /** How far they are apart on the rows that are measured. */
  readonly parity: Estimate;
  /** Expected accuracy of the decisions. */
  readonly accuracy: Estimate;
  /** Calibration error of the chance of deciding yes, taken as its probability. */
  readonly ece: Estimate;
}

/** How {@link parityTradeOff} goes along the curve. */
export interface TradeOffOptions extends DebiasingOptions {
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
  { of = "decisions", gamma = 0.05, binning = equalWidth(15), ...debiasing }: TradeOffOptions = {},
): TradeOffPoint[] {
  const variants = tradeOffVariants(question, levels, of, gamma, debiasing);
  return tradeOffPoints(levels, measureVariants(question, variants, binning));
}

/** The ways to decide along the curve, [levels][rows] chances. */
export function tradeOffVariants(
  question: BinaryQuestion,
  levels: readonly number[],
  of: "decisions" | "probabilities",
  gamma?: number,
  debiasing: DebiasingOptions = {},
): Float64Array[] {
  return levels.map((level) => {
    const mitigation = of === "decisions" ? equalRates(level, gamma, debiasing) : equalMeans(level);
    return crossMitigated(question, mitigation, debiasing.seed);
  });
}

/** Levels with what was measured at each. */
export function tradeOffPoints(levels: readonly number[], measured: readonly VariantMeasures[]): TradeOffPoint[] {
  return measured.map(({ demographicParityDifference, accuracy, ece }, i) => ({
    level: levels[i]!,
    parity: demographicParityDifference,
    accuracy,
    ece,
  }));
}

/**
 * Levels from 0 to the one at which decisions stay as they are, evenly: every group's rate then lies within half of it around the mean
 * probability.
 *
 * @param count at least 2
 */
export function parityLevels(question: BinaryQuestion, count = 9): number[] {
  const { probabilities, labels, groups } = question;
  const decisions = decisionsOf(question);
  const rates = groupRates(new GroupCounts(groups.names).add({ decisions, labels, groups }));
  const rate = mean(probabilities);
  const widest = 2 * Math.max(...rates.map(({ selectionRate }) => Math.abs(selectionRate - rate)));
  return Array.from({ length: count }, (_, i) => (widest * i) / (count - 1));
}

const parityLabel = "demographic parity difference";
const measureLabels = { accuracy: "expected accuracy", ece: "ECE" } as const;

const byParity = (curve: readonly TradeOffPoint[]) => curve.toSorted((a, b) => a.parity.value - b.parity.value);

/** What a trade-off shows; with the attribute that groups differ in, for one of several. */
export function tradeOffTitle(measure: "accuracy" | "ece", attribute?: string): string {
  const title = measure === "accuracy" ? "Accuracy at levels of parity" : "Calibration error at levels of parity";
  return attribute === undefined ? title : `${title} by ${attribute}`;
}

/** The trade-off as a view, with the points of {@link tradeOffPlot}. */
export function tradeOffView(
  curves: Readonly<Record<string, readonly TradeOffPoint[]>>,
  measure: "accuracy" | "ece",
  title = tradeOffTitle(measure),
): TradeOffView {
  const series = Object.entries(curves).map(([name, curve]) => ({
    name,
    points: byParity(curve).map(({ level, parity, [measure]: { value } }) => ({
      ...{ x: parity.value, y: value },
      label: `level ${level.toPrecision(3)}`,
    })),
  }));
  return { kind: "trade-off", title, x: parityLabel, y: measureLabels[measure], series };
}

/**
 * The trade-off as a chart: accuracy, or calibration error, against the parity that is reached, one line for each of the named curves. Give
 * curves of several models to compare them as the paper does.
 */
export function tradeOffPlot(
  curves: Readonly<Record<string, readonly TradeOffPoint[]>>,
  measure: "accuracy" | "ece",
  title = tradeOffTitle(measure),
): Plot {
  const points = Object.values(curves).flat();
  const widest = Math.max(...points.map(({ parity }) => parity.value), 1e-3);
  const heights = points.flatMap((point) => [point[measure].low, point[measure].high]);
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const margin = Math.max(0.05 * (high - low), 1e-4);
  const svg = chart({
    title,
    description: `What ${measure === "accuracy" ? "accuracy" : "calibration error"} is left when groups' rates of positive decisions may differ by so much.`,
    x: { label: parityLabel, scale: linear([0, 1.05 * widest]) },
    y: { label: measureLabels[measure], scale: linear([low - margin, high + margin]) },
    marks: Object.entries(curves).flatMap(([name, curve]) => {
      const line = byParity(curve).map(({ parity, [measure]: { value, low, high } }) => ({
        x: parity.value,
        y: value,
        low,
        high,
      }));
      const bare = line.map(({ x, y }) => ({ x, y }));
      return [{ kind: "line", name, points: line } as const, { kind: "points", name, points: bare } as const];
    }),
  });
  return { name: `trade-off-${measure}`, title, svg };
}
