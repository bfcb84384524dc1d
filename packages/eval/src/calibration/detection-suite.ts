import { fileName } from "../plots/file-name.ts";
import { chart, linear, type Mark } from "../plots/index.ts";
import { bootstrap, type Estimate } from "../statistics/index.ts";
import type { Plot, Suite, SuiteOptions, SuiteResult } from "../suite/suite.ts";
import { columnOf, numbersOf, type Table, TableError } from "../table/index.ts";
import { rowsByText } from "../table/rows-by-text.ts";
import type { HeatView } from "../views/index.ts";
import { detectionScores } from "./detection-scores.ts";
import { fitGaussians, mahalanobisScores, relativeMahalanobisScores } from "./mahalanobis.ts";
import { ascendingOrder } from "./order.ts";
import { scoresNeed, scoresOf } from "./predictions-of.ts";
import type { ScoreKind } from "./probabilities.ts";
import { auroc, averagePrecision, fprAtTpr, type RocCurve, rocCurve, rocOfOrder } from "./roc.ts";
import { checkFinite, selectVectors } from "./row-vectors.ts";

/** How the detection suite measures. */
export interface DetectionSuiteOptions {
  /** What the scores are; by default as their first row looks. */
  readonly scores?: ScoreKind;
  /** For covariances of features that are singular: see {@link fitGaussians}. */
  readonly ridge?: number;
}

/**
 * Out-of-distribution detection: how well a model's own outputs tell images of another kind from those that it was made for. Positives are the
 * others, as in Plex (Tran et al. 2022): `fpr95` is the share of known images that is flagged when 95 % of the others are.
 */
export function detectionSuite(options: DetectionSuiteOptions = {}): Suite {
  return {
    name: "detection",
    measures: "how well outputs and features tell images of another kind from those that the model knows",
    needs: {
      scores: scoresNeed,
      distribution:
        "`in` for images of the kind that the model knows, `train` for those it learned, else the name of the other data set",
      features: "optional: features of each row, for Mahalanobis distances; these need `train` rows with `label`",
    },
    run: (predictions, suiteOptions) => runDetection(predictions, options, suiteOptions),
  };
}

function runDetection(
  table: Table,
  { scores: kind, ridge = 0 }: DetectionSuiteOptions,
  options: SuiteOptions = {},
): SuiteResult {
  const rowsOf = rowsByText(table, "distribution");
  const known = rowsOf.get("in");
  const others = [...rowsOf].filter(([name]) => name !== "in" && name !== "train");
  if (known === undefined || others.length === 0) {
    throw new TableError(
      table.name,
      `column "distribution" has ${[...rowsOf.keys()].join(", ") || "no rows"}; it needs "in" and the name of at least one other data set`,
    );
  }
  const { scores, notes } = allScores(table, rowsOf.get("train"), kind, ridge);
  const metrics: Record<string, Estimate> = {};
  const rows: (string | Estimate)[][] = [];
  const plots: Plot[] = [];
  for (const [name, other] of others) {
    const both = Int32Array.from([...known, ...other]);
    const positive = both.map((_, i) => (i < known.length ? 0 : 1));
    const curves: Record<string, RocCurve> = {};
    for (const [score, values] of Object.entries(scores)) {
      const own = Float64Array.from(both, (row) => values[row]!);
      const found = measure(own, positive, options);
      for (const [metric, value] of Object.entries(found)) metrics[`${name}/${score}/${metric}`] = value;
      rows.push([name, score, found.auroc, found.fpr95, found["fpr95-accepting"], found["average-precision"]]);
      curves[score] = rocCurve(own, positive);
    }
    plots.push(rocPlot(name, curves));
  }
  const columns = ["data set", "score", "AUROC", "FPR@95", "FPR@95, known as positives", "average precision"];
  return {
    metrics,
    tables: [{ title: "Detection of other data", columns, rows }],
    plots,
    views: [
      aurocView(
        metrics,
        others.map(([name]) => name),
        Object.keys(scores),
      ),
    ],
    notes,
  };
}

/** How well each score tells each data set from the known one. */
function aurocView(
  metrics: Readonly<Record<string, Estimate>>,
  sets: readonly string[],
  scores: readonly string[],
): HeatView {
  return {
    ...({ kind: "heat", title: "Detection of other data", unit: "AUROC" } as const),
    rows: sets,
    columns: scores,
    values: sets.map((set) => scores.map((score) => metrics[`${set}/${score}/auroc`]!.value)),
  };
}

/** Every score that the table has columns for, [rows] each; higher means further out. */
function allScores(table: Table, train: readonly number[] | undefined, kind: ScoreKind | undefined, ridge: number) {
  const { logits } = scoresOf(table, kind);
  const scores: Record<string, Float64Array> = {};
  for (const score of ["msp", "max-logit", "entropy", "energy"] as const)
    scores[score] = detectionScores(logits, score);
  if (!table.columns.has("features")) return { scores, notes: [] };
  const features = columnOf(table, "features", "vector");
  checkFinite(features, "feature", table.name);
  if (train === undefined) {
    return { scores, notes: ['No rows have the distribution "train", so Mahalanobis distances were not measured.'] };
  }
  const learned = selectVectors(features, train);
  const all = numbersOf(table, "label");
  const labels = train.map((row) => all[row]!);
  const fit = { ridge, name: table.name };
  const gaussians = fitGaussians(learned, labels, logits.width, fit);
  const background = fitGaussians(learned, new Uint8Array(train.length), 1, fit);
  scores.mahalanobis = mahalanobisScores(features, gaussians);
  scores["relative-mahalanobis"] = relativeMahalanobisScores(features, gaussians, background);
  return { scores, notes: [] };
}

function measure(scores: Float64Array, positive: Int32Array, options: SuiteOptions) {
  const order = ascendingOrder(scores);
  const turned = scores.map((score) => -score);
  const turnedOrder = ascendingOrder(turned);
  const negative = positive.map((value) => 1 - value);
  const statistics = (weights: Int32Array) => {
    const curve = rocOfOrder(scores, positive, order, weights);
    return {
      auroc: auroc(curve),
      fpr95: fprAtTpr(curve),
      "fpr95-accepting": fprAtTpr(rocOfOrder(turned, negative, turnedOrder, weights)),
      "average-precision": averagePrecision(curve),
    };
  };
  return bootstrap(scores.length, statistics, { ...options, strata: positive });
}

function rocPlot(name: string, curves: Readonly<Record<string, RocCurve>>): Plot {
  const title = `Detection of ${name}`;
  const marks = Object.entries(curves).map(([score, curve]): Mark => {
    const step = Math.max(1, Math.floor(curve.falsePositives.length / 200));
    const points = Array.from(curve.falsePositives, (count, i) => ({
      x: count / curve.falsePositives.at(-1)!,
      y: curve.truePositives[i]! / curve.truePositives.at(-1)!,
    }));
    return { kind: "line", name: score, points: points.filter((_, i) => i % step === 0 || i === points.length - 1) };
  });
  const diagonal = [
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ];
  const svg = chart({
    title,
    description: `Share of ${name} that each score flags, against the share of known images that it flags.`,
    x: { label: "known images flagged", scale: linear([0, 1]) },
    y: { label: `${name} flagged`, scale: linear([0, 1]) },
    marks: [{ kind: "line", points: diagonal }, ...marks],
    width: 520,
    height: 480,
  });
  return { name: `detection-${fileName(name)}`, title, svg };
}
