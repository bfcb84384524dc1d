import { didYouMean, hostTensor } from "@vitscale/core";
import { mostProbable } from "../calibration/outcomes.ts";
import { scoreVectors } from "../calibration/predictions-of.ts";
import { checkScores, type ScoreKind } from "../calibration/probabilities.ts";
import { checkLabels } from "../calibration/row-vectors.ts";
import { acceptedAccuracy, acceptLabels } from "../ood/accepted.ts";
import { benchmarkCorruptions, type CorruptionScore, corruptionError } from "../ood/corruption-error.ts";
import { decide } from "../ood/decisions.ts";
import { band, chart, linear } from "../plots/index.ts";
import { type Estimate, exactly, mean } from "../statistics/index.ts";
import type { Cell, Plot, Suite, SuiteResult } from "../suite/suite.ts";
import { numbersOf, type Table, TableError, tableRows, textsOf } from "../table/index.ts";
import { type ConditionsView, classNames, confusionView, type HeatView } from "../views/index.ts";

/** How the corruption suite reads scores. */
export interface CorruptionSuiteOptions {
  /** What the scores are; by default as their first row looks. */
  readonly scores?: ScoreKind;
}

/**
 * Accuracy under corruptions, by kind and severity; and for ImageNet's 1000 classes and all 15 corruptions at all severities mCE and
 * relative mCE, in percent of AlexNet's errors.
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
    run: (predictions) => run(predictions, scores),
  };
}

const clean = "clean";
const severities = [1, 2, 3, 4, 5];

/** Accuracies of one corruption, by severity. */
type Curve = Map<number, Estimate>;

function run(table: Table, kind: ScoreKind | undefined): SuiteResult {
  const scores = scoreVectors(table);
  const { width } = scores;
  checkScores(scores, kind, table.name);
  checkLabels(numbersOf(table, "label"), table.length, width, table.name);
  const curves = accuracies(table);
  const ownClean = curves.get(clean)?.get(0);
  curves.delete(clean);
  if (curves.size === 0) {
    throw new TableError(table.name, 'has no corrupted rows; the column "corruption" names them, such as `fog`');
  }
  const means = [...curves].map(
    ([name, curve]) => [name, mean([...curve.values()].map(({ value }) => value))] as const,
  );
  const corrupted = mean(means.map(([, value]) => value));
  const metrics: Record<string, Estimate> = {
    ...(ownClean && { "clean/accuracy": ownClean }),
    "mean-accuracy": exactly(corrupted, table.length),
    ...(ownClean && { "accuracy-kept": exactly(corrupted / ownClean.value, table.length) }),
  };
  for (const [name, value] of means) metrics[`${name}/accuracy`] = exactly(value, countOf(curves.get(name)!));

  const score = benchmarkScore(curves, ownClean, width);
  const notes: string[] = [];
  if (typeof score === "string") notes.push(score);
  else {
    metrics.mce = exactly(score.mean, table.length);
    metrics["relative-mce"] = exactly(score.relativeMean, table.length);
  }
  return {
    metrics,
    tables: [accuracyTable(curves, typeof score === "string" ? undefined : score)],
    plots: [severityPlot(curves, ownClean)],
    views: [severityView(curves, ownClean), accuracyView(curves), corruptedAnswers(table, width)],
    notes,
  };
}

/** Accuracies by corruption and severity. @throws TableError naming the row of an unknown corruption, or of a severity that is none */
function accuracies(table: Table): Map<string, Curve> {
  const given = numbersOf(table, "severity");
  const rowsOf = new Map<string, Map<number, number[]>>();
  for (const [row, text] of textsOf(table, "corruption").entries()) {
    const name = text === "" ? clean : text;
    // Of clean images an empty cell is as good as 0.
    const severity = name === clean && Number.isNaN(given[row]!) ? 0 : given[row]!;
    if (name !== clean && !known.includes(name)) {
      throw new TableError(
        table.name,
        `there is no corruption "${name}"${didYouMean(name, known)}; there are ${known.join(", ")}, and ${clean}`,
        row,
      );
    }
    const isValid = name === clean ? severity === 0 : Number.isInteger(severity) && severity >= 1 && severity <= 5;
    if (!isValid) {
      throw new TableError(
        table.name,
        `corruption "${text}" at severity ${severity}; give 1 to 5, and 0 for clean images`,
        row,
      );
    }
    const bySeverity = rowsOf.get(name) ?? new Map<number, number[]>();
    rowsOf.set(name, bySeverity);
    const rows = bySeverity.get(severity);
    if (rows === undefined) bySeverity.set(severity, [row]);
    else rows.push(row);
  }
  return new Map(
    [...rowsOf].map(([name, bySeverity]) => {
      const ordered = [...bySeverity].sort(([a], [b]) => a - b);
      return [name, new Map(ordered.map(([severity, rows]) => [severity, accuracyOf(tableRows(table, rows))]))];
    }),
  );
}

function accuracyOf(part: Table): Estimate {
  const { width, data } = scoreVectors(part);
  const own = { name: "the model", sources: Array.from({ length: width }, (_, label) => [label]) };
  return acceptedAccuracy(
    decide(hostTensor("float32", [part.length, width], data), 1),
    acceptLabels(numbersOf(part, "label"), own),
  );
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
  if (ownClean === undefined)
    return "There is no mCE: its relative form needs clean images (corruption `clean`, severity 0).";
  const errors = benchmarkCorruptions.map((name) => [
    name,
    [...curves.get(name)!.values()].map(({ value }) => 1 - value),
  ]);
  return corruptionError({ clean: 1 - ownClean.value, corrupted: Object.fromEntries(errors) });
}

function accuracyTable(curves: ReadonlyMap<string, Curve>, score: CorruptionScore | undefined) {
  const rows = [...curves].map(([name, curve]): Cell[] => [
    name,
    ...severities.map((severity) => curve.get(severity) ?? ""),
    ...(score ? [score.of[name]?.error ?? "", score.of[name]?.relative ?? ""] : []),
  ]);
  const columns = ["corruption", ...severities.map((severity) => `severity ${severity}`)];
  return { title: "Accuracy by corruption", columns: [...columns, ...(score ? ["CE", "relative CE"] : [])], rows };
}

/** The four kinds of the benchmark: more than a dozen lines would not be told apart. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  noise: ["gaussian_noise", "shot_noise", "impulse_noise", "speckle_noise"],
  blur: ["defocus_blur", "glass_blur", "motion_blur", "zoom_blur", "gaussian_blur"],
  weather: ["snow", "frost", "fog", "brightness", "spatter"],
  digital: ["contrast", "elastic_transform", "pixelate", "jpeg_compression", "saturate"],
};

/** Names of the corruptions that ImageNet-C has, the four for validation among them. */
const known = Object.values(kinds).flat();

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

/** What was answered to the corrupted images. */
function corruptedAnswers(table: Table, classes: number) {
  const labels = numbersOf(table, "label");
  const given = numbersOf(table, "severity");
  return confusionView({
    title: "Answers to each class, of corrupted images",
    classes: classNames(table, labels, classes),
    truths: Array.from(labels, (label, row) => (given[row] === 0 ? -1 : label)),
    answers: mostProbable(scoreVectors(table)),
  });
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

function countOf(curve: Curve): number {
  return [...curve.values()].reduce((sum, { count }) => sum + count, 0);
}
