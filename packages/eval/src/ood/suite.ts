import { didYouMean } from "@vitscale/core";
import type { ScoreKind } from "../calibration/probabilities.ts";
import { band, chart, linear } from "../plots/index.ts";
import type { Estimate } from "../statistics/index.ts";
import type { Plot, Suite, SuiteResult } from "../suite/suite.ts";
import { columnOf, numbersOf, type Table, TableError, textsOf } from "../table/index.ts";
import { rowsByText } from "../table/rows-by-text.ts";
import { type ConditionsView, type ConfusionView, classNames, confusionView, observe } from "../views/index.ts";
import { type AcceptedClasses, acceptedAccuracy, acceptLabels, acceptLists } from "./accepted.ts";
import { type OodDataset, oodDataset, oodDatasets } from "./datasets.ts";
import { type DecideAmong, deciderOf } from "./decider.ts";
import type { Decisions } from "./decisions.ts";
import { identityMap, type LabelMap, mapDatasetClasses, sharesNames } from "./label-map.ts";

/** What the OOD suite knows beyond its own list. */
export interface OodSuiteOptions {
  /** Data sets of your own, such as one with a label map from a file; they come before the built-in ones of the same name. */
  readonly datasets?: readonly OodDataset[];
  /** Which data set all rows are of, by name, where the table has no column `dataset`. */
  readonly dataset?: string;
  /** What the scores are; by default as their first row looks. */
  readonly scores?: ScoreKind;
  /** Right classes of the images of `imagenet-real`, row by row, where the table has no column `accepted`. */
  readonly real?: AcceptedClasses;
}

/**
 * Accuracy away from the training distribution, through label maps.
 *
 * A column `dataset` says which rows belong to which data set; without it all are images of ImageNet (or of the model's own classes).
 * Where labels are of a smaller space than the model's, `top1` decides among the classes of that space only, as the papers do, and
 * `top1-all-classes` among all, where a class outside is wrong.
 */
export function oodSuite({ datasets = [], dataset, scores, real }: OodSuiteOptions = {}): Suite {
  const known = [...datasets, ...oodDatasets];
  const only = dataset === undefined ? undefined : oodDataset(dataset, known);
  return {
    name: "ood",
    measures: "accuracy on images from elsewhere, through maps between the classes of model and data set",
    needs: {
      "label or class":
        "class in the data set's own numbering, -1 for an image that does not count; or its name, such as the folder's",
      scores: "probabilities or logits; of ImageNet's 1000 classes for the published data sets",
      "top (instead of scores)":
        "the classes decided for, best first, such as the five best of 1000; with `probability`, what each of them has",
      "dataset (optional)": `${oodDatasets.map(({ name }) => name).join(", ")}, or one of your own`,
      "accepted (instead of label, for imagenet-real)":
        "all right classes of the image, such as `12 857`; empty does not count",
    },
    run: (predictions) =>
      runOod(predictions, partsOf(predictions, known, only), { datasets: known, kind: scores, real }),
  };
}

/** The rows of one data set. */
interface Part {
  readonly dataset: OodDataset;
  /** Rows of the table. */
  readonly rows: readonly number[];
}

interface Known {
  readonly datasets: readonly OodDataset[];
  readonly kind: ScoreKind | undefined;
  readonly real: AcceptedClasses | undefined;
}

function runOod(table: Table, parts: readonly Part[], { datasets, kind, real }: Known): SuiteResult {
  const decider = deciderOf(table, parts, kind);
  const metrics: Record<string, Estimate> = {};
  const notes: string[] = [];
  const answers: ConfusionView[] = [];
  for (const part of parts) {
    const { dataset, rows } = part;
    const { map, name } = dataset;
    const accepted = acceptedOf(table, part, real);
    const decideAmong = decider(rows);
    const sources = map.sources.flat();
    const restricted = decideAmong(5, sources);
    const { k } = restricted;
    metrics[`${name}/top1`] = acceptedAccuracy(restricted, accepted, 1);
    if (k === 5) metrics[`${name}/top5`] = acceptedAccuracy(restricted, accepted, 5);
    if (sources.length < map.sourceClasses) {
      metrics[`${name}/top1-all-classes`] = acceptedAccuracy(decideAmong(1), accepted, 1);
    }
    if (!dataset.isMultiLabel) answers.push(answersView(table, part, restricted));
    const left = rows.length - metrics[`${name}/top1`]!.count;
    if (left > 0) notes.push(`${left} images of ${dataset.title} have no label that counts and were left out.`);
    // The same classes on ordinary images: what is lost by hard images, not by fewer classes.
    if (name === "imagenet" && map.sourceClasses === 1000)
      Object.assign(metrics, cleanSubsets(table, part, decideAmong, datasets));
  }
  return {
    metrics,
    tables: [
      {
        title: "Accuracy by data set",
        columns: ["data set", "top-1", "top-5", "top-1 among all classes", "images"],
        rows: parts.map(({ dataset: { name, title } }) => [
          title,
          metrics[`${name}/top1`]!,
          metrics[`${name}/top5`] ?? "",
          metrics[`${name}/top1-all-classes`] ?? "",
          metrics[`${name}/top1`]!.count,
        ]),
      },
    ],
    plots: [accuracyPlot(parts, metrics)],
    views: [...accuracyViews(parts, metrics), ...answers],
    notes,
  };
}

/** The rows of every data set: those of the column `dataset`, or all of one, which without a name is ImageNet or the model's own. */
function partsOf(table: Table, datasets: readonly OodDataset[], only: OodDataset | undefined): Part[] {
  if (only !== undefined || !table.columns.has("dataset")) {
    const rows = Array.from({ length: table.length }, (_, row) => row);
    return [
      {
        dataset: only ?? ownClasses(table.columns.has("top") ? 1000 : columnOf(table, "scores", "vector").width),
        rows,
      },
    ];
  }
  return [...rowsByText(table, "dataset")].map(([name, rows]) => {
    const dataset = datasets.find((known) => known.name === name);
    if (dataset === undefined) {
      const known = [...new Set(datasets.map(({ name: other }) => other))];
      throw new TableError(
        table.name,
        `data set "${name}" is not known${didYouMean(name, known)}; known are ${known.join(", ")}`,
        rows[0],
      );
    }
    return { dataset, rows };
  });
}

/** The data set of a model of other classes than ImageNet's. */
const ownName = "own";

function ownClasses(classes: number): OodDataset {
  if (classes === 1000) return oodDataset("imagenet");
  const names = Array.from({ length: classes }, (_, label) => `${label}`);
  return { name: ownName, title: "own classes", map: identityMap(names, "own classes"), crop: "square" };
}

/** The right classes of the rows of a part. */
function acceptedOf(table: Table, { dataset, rows }: Part, real: AcceptedClasses | undefined): AcceptedClasses {
  const { map } = dataset;
  if (!dataset.isMultiLabel) return acceptLabels(checkedLabels(table, { dataset, rows }), map);
  if (table.columns.has("accepted")) {
    const texts = textsOf(table, "accepted");
    return acceptLists(rows.map((row) => parseAccepted(texts[row]!, map.sourceClasses, table.name, row)));
  }
  if (real === undefined || real.start.length - 1 !== rows.length) {
    throw new TableError(
      table.name,
      `has ${rows.length} rows of ${dataset.title}, whose images have lists of right classes; give a column "accepted", or real.json and ` +
        "the 50,000 validation images in the order of their names",
      rows[0],
    );
  }
  return real;
}

function checkedLabels(table: Table, { dataset: { map, title }, rows }: Part): number[] {
  const named = labelsByName(table, rows, map);
  if (named !== undefined) return named;
  const labels = numbersOf(table, "label");
  return rows.map((row) => {
    const label = labels[row]!;
    if (Number.isInteger(label) && label >= -1 && label < map.classes.length) return label;
    throw new TableError(
      table.name,
      `label ${label} is no class of ${title}, which has ${map.classes.length}, numbered from 0 (-1 does not count)`,
      row,
    );
  });
}

/**
 * Classes of the map by the names in the column `class`, in the order of `rows`; undefined where there are none, or they are named
 * otherwise.
 *
 * Names go before numbers: the folders of ImageNet-V2 are called 0 to 999, and sorted as texts their numbers are not their names.
 */
function labelsByName(table: Table, rows: readonly number[], map: LabelMap): number[] | undefined {
  if (table.columns.get("class")?.kind !== "text") return undefined;
  const { values, of } = columnOf(table, "class", "text");
  const used = [...new Set(rows.map((row) => of[row]!))];
  const names = used.map((value) => values[value]!);
  if (table.columns.has("label") && !sharesNames(names, map)) return undefined;
  const mapped = mapDatasetClasses(names, map);
  const labels = new Map(used.map((value, i) => [value, mapped[i]!]));
  return rows.map((row) => labels.get(of[row]!)!);
}

function parseAccepted(text: string, classes: number, name: string, row: number): number[] {
  const list =
    text.trim() === ""
      ? []
      : text
          .trim()
          .split(/[\s,;]+/)
          .map(Number);
  if (list.every((label) => Number.isInteger(label) && label >= 0 && label < classes)) return list;
  throw new TableError(
    name,
    `accepted is "${text}"; give classes from 0 to ${classes - 1} with spaces between them`,
    row,
  );
}

/** Accuracy on the validation images of the classes of ImageNet-A and -R, decided among them. */
function cleanSubsets(
  table: Table,
  part: Part,
  decideAmong: DecideAmong,
  datasets: readonly OodDataset[],
): Record<string, Estimate> {
  const labels = checkedLabels(table, part);
  const subsets = datasets.filter(({ map }) => map.sourceClasses === 1000 && map.classes.length === 200);
  return Object.fromEntries(
    subsets.map(({ name, map }) => {
      const sources = map.sources.flat();
      const accepted = acceptLabels(
        labels.map((label) => sources.indexOf(label)),
        map,
      );
      return [`${name}-clean/top1`, acceptedAccuracy(decideAmong(1, sources), accepted)];
    }),
  );
}

/** Top-1 accuracy over data sets; nothing of a single one. */
function accuracyViews(parts: readonly Part[], metrics: Readonly<Record<string, Estimate>>): ConditionsView[] {
  if (parts.length < 2) return [];
  return [
    {
      ...({ kind: "conditions", title: "Top-1 accuracy by data set", x: "data set", y: "top-1 accuracy" } as const),
      conditions: parts.map(({ dataset }) => dataset.title),
      observers: [
        observe(
          "model",
          parts.map(({ dataset }) => metrics[`${dataset.name}/top1`]),
        ),
      ],
    },
  ];
}

/** What was answered to each class of a data set, among its classes. */
function answersView(table: Table, part: Part, { k, classes: decided }: Decisions): ConfusionView {
  const { map, name, title } = part.dataset;
  const targets = new Map(map.sources.flatMap((sources, label) => sources.map((source) => [source, label])));
  const truths = checkedLabels(table, part);
  return confusionView({
    title: `Answers to each class of ${title}`,
    classes: name === ownName ? classNames(table, truths, map.classes.length) : map.classes,
    truths,
    // Of lists of the best classes, none may be of the data set.
    answers: truths.map((_, row) => targets.get(decided[row * k]!) ?? -1),
  });
}

function accuracyPlot(parts: readonly Part[], metrics: Readonly<Record<string, Estimate>>): Plot {
  const title = "Top-1 accuracy by data set";
  const measured = parts.map(({ dataset }) => ({ name: dataset.title, top1: metrics[`${dataset.name}/top1`]! }));
  const values = measured.filter(({ top1 }) => top1.count > 0);
  const svg = chart({
    title,
    description: values.map(({ name, top1 }) => `${name} ${top1.value.toFixed(3)}`).join(", "),
    x: { label: "top-1 accuracy", scale: linear([0, 1]) },
    y: { label: "", scale: band(values.map(({ name }) => name).toReversed()) },
    height: 110 + 30 * values.length,
    marks: [
      {
        kind: "points",
        name: "top-1",
        interval: "x",
        points: values.map(({ name, top1 }) => ({ x: top1.value, y: name, low: top1.low, high: top1.high })),
      },
    ],
  });
  return { name: "ood-accuracy", title, svg };
}
