import { bootstrap, type Estimate, reflectedInterval } from "../statistics/index.ts";
import type { ResultTable, Suite, SuiteOptions, SuiteResult } from "../suite/suite.ts";
import { type Table, TableError } from "../table/index.ts";
import { classNames, confusionView } from "../views/index.ts";
import { CalibrationBins } from "./bins.ts";
import { binningOf, calibrationError, classwiseCalibrationError } from "./calibration-error.ts";
import { halves, putRows } from "./halves.ts";
import { ascendingOrder } from "./order.ts";
import { accuracyOf, mostProbable, topOutcomes } from "./outcomes.ts";
import { labelNeed, predictionsOf, type ScoredLabels, scoresNeed } from "./predictions-of.ts";
import { type ScoreKind, softmax } from "./probabilities.ts";
import { brierScores, negativeLogLikelihoods } from "./proper-scores.ts";
import { reliability, reliabilityPlot, reliabilityView } from "./reliability.ts";
import { auroc, rocOfOrder } from "./roc.ts";
import { type RowVectors, rowCount, selectVectors } from "./row-vectors.ts";
import { accuracyAtCoverage, aurra, selectiveAccuracies } from "./selective.ts";
import { selectivePlot } from "./selective-plot.ts";
import { sweptCalibrationError } from "./sorted-bins.ts";
import { fitTemperature } from "./temperature.ts";

/** How the calibration suite measures. */
export interface CalibrationSuiteOptions {
  /** What the scores are; by default as their first row looks. */
  readonly scores?: ScoreKind;
  /** Bins of the calibration errors; 15 by default, as most papers have, while ViT-22B's has 30. */
  readonly bins?: number;
}

/**
 * Calibration: whether a model is right as often as it says, with its scores as they are and with temperature scaling; and selective
 * prediction, what its confidence is worth for choosing what to answer.
 */
export function calibrationSuite({ scores, bins = 15 }: CalibrationSuiteOptions = {}): Suite {
  return {
    name: "calibration",
    measures: "whether predictions are right as often as they claim, and how much better the confident ones are",
    needs: { label: labelNeed, scores: scoresNeed },
    run: (predictions, options) => runCalibration(predictions, scores, bins, options),
  };
}

function runCalibration(
  table: Table,
  kind: ScoreKind | undefined,
  bins: number,
  options: SuiteOptions = {},
): SuiteResult {
  if (table.length < 2) throw new TableError(table.name, `has ${table.length} rows; calibration needs at least two`);
  const given = predictionsOf(table, kind);
  const { scaled, temperatures, notes } = scaleByHalves(given, options.seed, table.name);
  const [before, after] = measure([given.probabilities, scaled], given.labels, bins, options) as [Measured, Measured];
  const { temperature, low, high } = fitTemperature(given.logits, given.labels, { name: table.name });
  const afterScaling = Object.entries(after.metrics).map(([name, value]) => [`scaled/${name}`, value] as const);
  return {
    metrics: {
      ...before.metrics,
      temperature: { value: temperature, low, high, count: table.length },
      ...Object.fromEntries(afterScaling),
    },
    tables: [comparison(before.metrics, after.metrics), reliabilityTable(before.bins)],
    plots: [
      reliabilityPlot({ "as given": before.bins, "temperature-scaled": after.bins }),
      selectivePlot(before.accuracies),
    ],
    views: [
      reliabilityView(before.bins, before.metrics.ece!.value, "Reliability as given"),
      reliabilityView(after.bins, after.metrics.ece!.value, "Reliability, temperature-scaled"),
      confusionView({
        title: "Answers to each class",
        classes: classNames(table, given.labels, given.probabilities.width),
        truths: given.labels,
        answers: mostProbable(given.probabilities),
      }),
    ],
    notes: [
      `Each random half of the rows was scaled by the temperature of the other: ${temperatures.map((value) => value.toPrecision(4)).join(" and ")}.`,
      ...notes,
    ],
  };
}

/** Probabilities with each random half at the temperature that fits the other. */
function scaleByHalves({ logits, labels }: ScoredLabels, seed: number | undefined, name: string) {
  const { width } = logits;
  const [first, second] = halves(rowCount(logits), seed);
  const data = new Float64Array(logits.data.length);
  const notes: string[] = [];
  const temperatures = [
    [first, second],
    [second, first],
  ].map(([fit, use]) => {
    const own = Array.from(fit!, (row) => labels[row]!);
    const { temperature, isAtLimit } = fitTemperature(selectVectors(logits, fit!), own, { name });
    if (isAtLimit) {
      notes.push(
        `No temperature is best for one half: the labels would like one beyond ${temperature.toPrecision(4)}.`,
      );
    }
    putRows(data, use!, softmax(selectVectors(logits, use!), temperature).data, width);
    return temperature;
  });
  return { scaled: { width, data }, temperatures, notes };
}

/** What {@link measure} finds: measures with intervals, and what the plots show. */
interface Measured {
  readonly metrics: Readonly<Record<string, Estimate>>;
  readonly bins: CalibrationBins;
  readonly accuracies: Float64Array;
}

/** All measures of probabilities, for several versions of them on the same drawn rows. */
function measure(
  versions: readonly RowVectors[],
  labels: ArrayLike<number>,
  bins: number,
  options: SuiteOptions,
): Measured[] {
  const measures = versions.map((probabilities) => measuresOf(probabilities, labels, bins));
  const statistics = (weights: Int32Array) =>
    Object.fromEntries(
      measures.flatMap(({ statistics }, version) =>
        Object.entries(statistics(weights)).map(([name, value]) => [`${version}/${name}`, value]),
      ),
    ) as Record<string, number>;
  const found = bootstrap<string>(labels.length, statistics, options);
  return measures.map(({ names, accuracy, fixed, ...rest }, version) => {
    const drawn = names.map((name) => {
      const estimate = found[`${version}/${name}`]!;
      return [name, distances.has(name) ? reflectedInterval(estimate) : estimate] as const;
    });
    return { ...rest, metrics: { accuracy, ...Object.fromEntries(drawn), ...fixed } };
  });
}

/** Measures that noise makes larger. */
const distances: ReadonlySet<string> = new Set(["ece", "ece-mass", "rms-mass", "rms-debiased", "max-error"]);

/** The measures of one version: those that drawn rows give intervals to, and the others. */
function measuresOf(probabilities: RowVectors, labels: ArrayLike<number>, bins: number) {
  const outcomes = topOutcomes(probabilities, labels);
  const { confidence, correct } = outcomes;
  const [brier, loss] = [brierScores(probabilities, labels), negativeLogLikelihoods(probabilities, labels)];
  const byWidth = binningOf(confidence, { bins });
  const byMass = binningOf(confidence, { bins, binning: "mass" });
  const order = ascendingOrder(confidence);
  const accuracies = selectiveAccuracies(outcomes, undefined, order);
  const withoutInterval = (value: number): Estimate => ({
    value,
    low: Number.NaN,
    high: Number.NaN,
    count: labels.length,
  });
  const statistics = (weights: Int32Array) => {
    const even = new CalibrationBins(byWidth).add(outcomes, weights);
    const adaptive = new CalibrationBins(byMass).add(outcomes, weights);
    return {
      ece: calibrationError(even),
      "ece-mass": calibrationError(adaptive),
      "rms-mass": calibrationError(adaptive, { norm: "l2" }),
      "rms-debiased": calibrationError(adaptive, { norm: "l2", isDebiased: true }),
      "max-error": calibrationError(even, { norm: "max" }),
      brier: weightedMean(brier, weights),
      nll: weightedMean(loss, weights),
      aurra: aurra(selectiveAccuracies(outcomes, weights, order)),
      "confidence-auroc": auroc(rocOfOrder(confidence, correct, order, weights)),
    };
  };
  return {
    statistics,
    names: Object.keys(statistics(new Int32Array(labels.length).fill(1))),
    accuracy: accuracyOf(outcomes),
    fixed: {
      "ece-classwise": withoutInterval(classwiseCalibrationError(probabilities, labels, { bins })),
      "ece-sweep": withoutInterval(sweptCalibrationError(outcomes).error),
      "accuracy-at-80": withoutInterval(accuracyAtCoverage(accuracies, 0.8)),
    },
    bins: new CalibrationBins(byWidth).add(outcomes),
    accuracies,
  };
}

function comparison(before: Measured["metrics"], after: Measured["metrics"]): ResultTable {
  return {
    title: "Calibration",
    columns: ["measure", "as given", "temperature-scaled"],
    rows: Object.entries(before).map(([name, value]) => [name, value, after[name]!]),
  };
}

function reliabilityTable(bins: CalibrationBins): ResultTable {
  return {
    title: "Reliability",
    columns: ["confidence from", "to", "predictions", "mean confidence", "accuracy"],
    rows: reliability(bins).map(({ from, to, confidence, accuracy }) => [
      from,
      to,
      accuracy.count,
      confidence,
      accuracy,
    ]),
  };
}

function weightedMean(values: Float64Array, weights: Int32Array): number {
  let [sum, count] = [0, 0];
  for (let row = 0; row < values.length; row++) {
    sum += weights[row]! * values[row]!;
    count += weights[row]!;
  }
  return sum / count;
}
