import { mostProbable } from "../calibration/outcomes.ts";
import { scoreVectors } from "../calibration/predictions-of.ts";
import { checkScores, type ScoreKind, scoreKind, takenFor } from "../calibration/probabilities.ts";
import { checkLabels } from "../calibration/row-vectors.ts";
import {
  benchmarkCorruptions,
  type CorruptionErrors,
  type CorruptionScore,
  corruptionError,
} from "../ood/corruption-error.ts";
import { band, chart, linear } from "../plots/index.ts";
import { type Estimate, mean, withoutInterval } from "../statistics/index.ts";
import { inOnePart } from "../suite/accumulate.ts";
import type { Accumulator, Cell, Plot, ResultTable, Suite, SuiteResult } from "../suite/suite.ts";
import { numbersOf, TableError } from "../table/index.ts";
import { AnswerCounts, type ConditionsView, type ConfusionView, classTexts, type HeatView } from "../views/index.ts";
import { CorruptionCounts, type Curve, clean, kinds } from "./corruption-counts.ts";

/** How the corruption suite reads scores. */
export interface CorruptionSuiteOptions {
  /** What the scores are; by default as their first row looks. */
  readonly scores?: ScoreKind;
}

/**
 * Accuracy under corruptions, by kind and severity; and for ImageNet's 1000 classes and all 15 corruptions at all severities mCE, with clean
 * images relative mCE too, in percent of AlexNet's errors.
 *
 * Where the table is of something else there is no AlexNet to compare with: means of accuracies and of what remains of the clean one.
 */
export function corruptionSuite({ scores }: CorruptionSuiteOptions = {}): Suite {
  return {
    name: "corruptions",
    measures: "how much accuracy noise, blur, weather and compression cost, at five severities",
    needs: {
      label: "class of each row, numbered from 0",
      scores: "probabilities or logits of all classes",
      corruption: "name of the corruption of each row, such as `fog`; empty or `clean` for the images as they are",
      severity: "1 to 5; 0 or empty for clean images",
    },
    run: (predictions) => inOnePart(predictions, accumulateCorruptions(scores)),
    accumulate: () => accumulateCorruptions(scores),
  };
}

const severities = [1, 2, 3, 4, 5];

/** Parts of a table: right answers are counted. */
function accumulateCorruptions(kind: ScoreKind | undefined): Accumulator {
  const counts = new CorruptionCounts();
  let known = kind;
  let [name, classes, answers]: [string, number, AnswerCounts?] = ["table", 0];
  return {
    add(part) {
      const scores = scoreVectors(part);
      const labels = numbersOf(part, "label");
      ({ name } = part);
      classes = scores.width;
      if (part.length > 0) known ??= scoreKind(scores);
      checkScores(scores, known, name);
      checkLabels(labels, part.length, classes, name);
      const decided = mostProbable(scores);
      const isRight = decided.map((answer, row) => (answer === labels[row] ? 1 : 0));
      const severity = counts.add(part, isRight);
      answers ??= new AnswerCounts(classes);
      const corrupted = Int32Array.from(labels, (label, row) => (severity[row] === 0 ? -1 : label));
      answers.add(corrupted, decided, classTexts(part));
    },
    result() {
      if (counts.rows === 0) throw new TableError(name, "has no rows; give at least one prediction");
      const found = resultOf(counts, name, classes, answers!.view("Answers to each class, of corrupted images"));
      return { ...found, notes: [...found.notes, ...takenFor(known, kind)] };
    },
  };
}

function resultOf(counts: CorruptionCounts, name: string, classes: number, answers: ConfusionView): SuiteResult {
  const { rows } = counts;
  const curves = counts.curves();
  const ownClean = curves.get(clean)?.get(0);
  curves.delete(clean);
  if (curves.size === 0) {
    throw new TableError(name, 'has no corrupted rows; the column "corruption" names them, such as `fog`');
  }
  const means = new Map([...curves].map(([corruption, curve]) => [corruption, meanOfSame([...curve.values()])]));
  const corrupted = meanOfSame([...means.values()]);
  const metrics: Record<string, Estimate> = {
    ...(ownClean && { "clean/accuracy": ownClean }),
    "mean-accuracy": corrupted,
    ...(ownClean && { "accuracy-kept": withoutInterval(corrupted.value / ownClean.value, rows) }),
  };
  for (const [corruption, accuracy] of means) metrics[`${corruption}/accuracy`] = accuracy;
  const score = benchmarkScore(curves, ownClean, classes);
  const isRelative = ownClean !== undefined;
  const notes: string[] = [];
  if (typeof score === "string") notes.push(score);
  else {
    // It rises with every error, so its ends are those of the errors.
    const ends = { low: errorsAt(curves, ownClean, "high"), high: errorsAt(curves, ownClean, "low") };
    metrics.mce = {
      ...{ value: score.mean, count: rows },
      low: corruptionError(ends.low).mean,
      high: corruptionError(ends.high).mean,
    };
    if (isRelative) metrics["relative-mce"] = withoutInterval(score.relativeMean, rows);
    else notes.push("There is no relative mCE: it needs clean images (corruption `clean`, severity 0).");
  }
  return {
    metrics,
    tables: [accuracyTable(curves, typeof score === "string" ? undefined : score, isRelative)],
    plots: [severityPlot(curves, ownClean)],
    views: [severityView(curves, ownClean), accuracyView(curves), answers],
    notes,
  };
}

/** mCE; or the reason why there is none. */
function benchmarkScore(
  curves: ReadonlyMap<string, Curve>,
  ownClean: Estimate | undefined,
  classes: number,
): CorruptionScore | string {
  const missing = benchmarkCorruptions.filter((name) => curves.get(name)?.size !== 5);
  if (classes !== 1000) {
    return `There is no mCE: it compares with AlexNet on ImageNet's 1000 classes, and these are ${classes}.`;
  }
  if (missing.length > 0) return `There is no mCE: it needs all five severities of ${missing.join(", ")}.`;
  return corruptionError(errorsAt(curves, ownClean, "value"));
}

/** Errors of the benchmark's corruptions where accuracies are at one end of their intervals, or in the middle. */
function errorsAt(
  curves: ReadonlyMap<string, Curve>,
  ownClean: Estimate | undefined,
  at: "value" | "low" | "high",
): CorruptionErrors {
  const errors = benchmarkCorruptions.map((name) => [
    name,
    [...curves.get(name)!.values()].map((accuracy) => 1 - accuracy[at]),
  ]);
  const corrupted = Object.fromEntries(errors) as Record<string, number[]>;
  return { ...(ownClean && { clean: 1 - ownClean[at] }), corrupted };
}

/**
 * The mean of accuracies on the same images, corrupted in several ways. Wrong answers go together, at most fully, so that the mean of the ends
 * is never too near: a standard deviation of a mean is at most the mean of those of its parts.
 */
function meanOfSame(accuracies: readonly Estimate[]): Estimate {
  const meanAt = (at: keyof Estimate) => mean(accuracies.map((accuracy) => accuracy[at]));
  const count = accuracies.reduce((sum, accuracy) => sum + accuracy.count, 0);
  return { value: meanAt("value"), low: meanAt("low"), high: meanAt("high"), count };
}

function accuracyTable(
  curves: ReadonlyMap<string, Curve>,
  score: CorruptionScore | undefined,
  isRelative: boolean,
): ResultTable {
  const rows = [...curves].map(([name, curve]): Cell[] => [
    name,
    ...severities.map((severity) => curve.get(severity) ?? ""),
    ...(score ? [score.of[name]?.error ?? ""] : []),
    ...(score && isRelative ? [score.of[name]?.relative ?? ""] : []),
  ]);
  const columns = ["corruption", ...severities.map((severity) => `severity ${severity}`)];
  const errors = score ? ["CE", ...(isRelative ? ["relative CE"] : [])] : [];
  return { title: "Accuracy by corruption", columns: [...columns, ...errors], rows };
}

/** Mean accuracy of the corruptions of each kind, by severity: [kinds][severities], NaN where there is none. */
function accuracyByKind(curves: ReadonlyMap<string, Curve>): { readonly kind: string; readonly values: number[] }[] {
  const kindOf = (name: string) => Object.keys(kinds).find((kind) => kinds[kind]!.includes(name)) ?? name;
  return [...new Set([...curves.keys()].map(kindOf))].map((kind) => {
    const members = [...curves].filter(([name]) => kindOf(name) === kind).map(([, curve]) => curve);
    return {
      kind,
      values: severities.map((severity) => mean(members.flatMap((curve) => curve.get(severity)?.value ?? []))),
    };
  });
}

/** The means of kinds over severities, 0 being the clean images. */
function severityView(curves: ReadonlyMap<string, Curve>, ownClean: Estimate | undefined): ConditionsView {
  const clear = ownClean ? [ownClean.value] : [];
  return {
    ...({ kind: "conditions", title: "Accuracy by severity", x: "severity", y: "accuracy" } as const),
    conditions: [...clear.map(() => "0"), ...severities.map(String)],
    observers: accuracyByKind(curves).map(({ kind, values }) => ({ name: kind, values: [...clear, ...values] })),
  };
}

/** The table of accuracies as a heat map. */
function accuracyView(curves: ReadonlyMap<string, Curve>): HeatView {
  return {
    ...({ kind: "heat", title: "Accuracy by corruption and severity", unit: "accuracy" } as const),
    rows: [...curves.keys()],
    columns: severities.map(String),
    values: [...curves.values()].map((curve) => severities.map((severity) => curve.get(severity)?.value ?? Number.NaN)),
  };
}

function severityPlot(curves: ReadonlyMap<string, Curve>, ownClean: Estimate | undefined): Plot {
  const means = accuracyByKind(curves);
  const marks = means.flatMap(({ kind, values }) => {
    const points = values.flatMap((y, i) => (Number.isNaN(y) ? [] : [{ x: `${severities[i]}`, y }]));
    return [{ kind: "line", name: kind, points } as const, { kind: "points", name: kind, points } as const];
  });
  const title = "Accuracy by severity";
  const svg = chart({
    title,
    description: `Mean accuracy of the corruptions of each kind (${means.map(({ kind }) => kind).join(", ")}) at severities 1 to 5${ownClean ? `; clean ${ownClean.value.toFixed(3)}` : ""}.`,
    x: { label: "severity", scale: band(severities.map(String)) },
    y: { label: "accuracy", scale: linear([0, 1]) },
    marks: [...(ownClean ? [{ kind: "rule", axis: "y", at: ownClean.value } as const] : []), ...marks],
  });
  return { name: "severity", title, svg };
}
