import { type ScoreKind, scoreKind } from "../calibration/probabilities.ts";
import type { LabelMap } from "../ood/label-map.ts";
import { columnOf, pickColumns, type Table, TableError, textColumn, textsOf } from "../table/index.ts";
import { type Answers, categoryNumber, type Observer } from "./answers.ts";
import { decideCategories } from "./decide.ts";
import {
  type Experiment,
  experimentOf,
  imageIdentity,
  isNamedByCues,
  spellCondition,
  unnamedSet,
} from "./experiments.ts";
import { textureNumber } from "./shape-bias.ts";
import { sixteenClassMap } from "./sixteen-classes.ts";

/** How predictions become answers. */
export interface ModelAnswersOptions {
  /** What the scores are; by default probabilities if the first row is between 0 and 1. */
  readonly scores?: ScoreKind;
  /** The model's name in tables and plots; `model` by default. */
  readonly model?: string;
  /** How the model's classes stand for the categories; those of ImageNet by default. */
  readonly map?: LabelMap;
  /**
   * Which data set all rows are of where the table has no column `dataset`; by default `cue-conflict` where images are called as its own are,
   * `airplane1-bicycle2.png`, else none that the benchmark knows.
   */
  readonly dataset?: string;
}

/** A model's answers to a data set, and where they stand: what is wrong with one is told of its row. */
export interface ModelAnswers extends Answers {
  /** Name of the table of predictions. */
  readonly table: string;
  /** [trials] rows of the table */
  readonly rows: readonly number[];
}

/** Columns that say what was seen. */
const trialColumns = ["category", "image", "dataset", "condition", "answer"];

/**
 * The rows with what they decide for, in a column `answer`, in place of their scores: where the table has no such column already, decided
 * from 1000 scores or through a label map. A row is left with the number of a category and the names of what was seen.
 *
 * @throws TableError naming the row of scores that are none, or saying that they are not of 1000 classes
 */
export function withAnswers(
  predictions: Table,
  { scores: kind, map = sixteenClassMap }: Pick<ModelAnswersOptions, "scores" | "map">,
): Table {
  const kept = withTexts(pickColumns(predictions, trialColumns), ["condition", "image"]);
  if (predictions.columns.has("answer")) return kept;
  const scores = columnOf(predictions, "scores", "vector");
  const of = decideCategories(scores, kind ?? scoreKind(scores), map, predictions.name);
  return { ...kept, columns: new Map(kept.columns).set("answer", { kind: "text", values: map.classes, of }) };
}

/** Conditions such as 30, 60 and inf are texts to people's answers, and numbers to a file in which all are; so are images that are numbered. */
function withTexts(given: Table, names: readonly string[]): Table {
  const columns = new Map(given.columns);
  for (const name of names) {
    const column = columns.get(name);
    if (column?.kind === "number") columns.set(name, textColumn(Array.from(column.data, textOf)));
  }
  return { ...given, columns };
}

function textOf(value: number): string {
  if (Number.isNaN(value)) return "";
  return value === Number.POSITIVE_INFINITY ? "inf" : `${value}`;
}

/**
 * A model's answers among the sixteen categories, by data set, from the columns of {@link withAnswers}.
 *
 * @throws TableError naming the row of an unknown category, of an image that came before, or of one of cue-conflict without a texture
 */
export function modelAnswers(
  answered: Table,
  { model = "model", dataset: named }: Pick<ModelAnswersOptions, "model" | "dataset">,
): ModelAnswers[] {
  const { name, length } = answered;
  const numbered = (column: string) =>
    textsOf(answered, column).map((text, row) => categoryNumber(text, { column, table: name, row }));
  const [categories, answers] = [numbered("category"), numbered("answer")];
  const images = textsOf(answered, "image");
  const only = named ?? (images.some(isNamedByCues) ? "cue-conflict" : unnamedSet);
  const optional = (column: string, otherwise: string) =>
    answered.columns.has(column) ? textsOf(answered, column) : new Array<string>(length).fill(otherwise);
  const [datasets, conditions] = [optional("dataset", only), optional("condition", "")];
  const unnamed = datasets.indexOf("");
  if (unnamed >= 0) throw new TableError(name, "dataset is empty; give each row the name of its data set", unnamed);
  return [...new Set(datasets)].map((dataset): ModelAnswers => {
    const rows = Array.from(datasets.keys()).filter((row) => datasets[row] === dataset);
    const experiment = experimentOf(dataset);
    const spelled = rows.map((row) => spellCondition(experiment, conditions[row]!));
    const names = [...new Set(spelled)];
    const identities = identitiesOf(
      rows.map((row) => images[row]!),
      spelled,
      experiment,
    );
    refuseSameTrial(name, rows, identities, spelled);
    if (dataset === "cue-conflict") for (const row of rows) textureNumber(images[row]!, { table: name, row });
    return {
      name: dataset,
      ...{ table: name, rows },
      conditions: names,
      trials: {
        images: identities,
        condition: Int32Array.from(spelled, (condition) => names.indexOf(condition)),
        category: Int8Array.from(rows, (row) => categories[row]!),
      },
      observers: [{ name: model, isHuman: false, answers: Int8Array.from(rows, (row) => answers[row]!) }],
    };
  });
}

/**
 * What images are to all observers. In a data set that the benchmark does not know, folders may tell apart what files do not, `cat/1.jpg` and
 * `dog/1.jpg`: names then stay as they are.
 */
function identitiesOf(
  images: readonly string[],
  conditions: readonly string[],
  experiment: Experiment,
): readonly string[] {
  const identities = images.map((image) => imageIdentity(image, experiment));
  const distinct = new Set(identities.map((image, trial) => trialKey(conditions[trial]!, image)));
  return experiment.isForeign && distinct.size < images.length ? images : identities;
}

/** An image that counts twice would weigh twice, and has two answers to compare. */
function refuseSameTrial(
  name: string,
  rows: readonly number[],
  images: readonly string[],
  conditions: readonly string[],
): void {
  const seen = new Set<string>();
  for (const [trial, image] of images.entries()) {
    const own = trialKey(conditions[trial]!, image);
    if (seen.has(own)) {
      throw new TableError(name, `has image ${image} a second time in the same condition; leave one`, rows[trial]);
    }
    seen.add(own);
  }
}

const trialKey = (condition: string, image: string) => `${condition}/${image}`;

/** An image, and its condition where it has one. */
function trialName({ trials, conditions }: Answers, trial: number): string {
  const condition = conditions[trials.condition[trial]!]!;
  return `image ${trials.images[trial]}${condition === "" ? "" : ` in condition ${condition}`}`;
}

/** The trials of answers, by condition and image. */
function trialKeys({ trials, conditions }: Answers): string[] {
  return trials.images.map((image, trial) => trialKey(conditions[trials.condition[trial]!]!, image));
}

/**
 * Other observers' answers with the model's beside them.
 *
 * @throws TableError of the model's table, with the row if one is to blame: an image that it has no answer to, that people have not seen, or
 *   that belongs to another category; or of the data set when one of the others has the model's name
 */
export function beside(others: Answers, model: Observer, own: ModelAnswers): Answers {
  const { name, table, rows } = own;
  if (others.observers.some((other) => other.name === model.name)) {
    throw new TableError(name, `has answers of ${model.name} already; give the model that is compared another name`);
  }
  const places = new Map(trialKeys(own).map((key, trial) => [key, trial]));
  const keys = trialKeys(others);
  const lacking = keys.flatMap((key, trial) => (places.has(key) ? [] : [trial]));
  if (lacking.length > 0) {
    const count = lacking.length === 1 ? "prediction for an image" : `predictions for ${lacking.length} images`;
    const first = trialName(others, lacking[0]!);
    const known = new Set(keys);
    // What people have not seen in place of what they have: a name or a condition is written otherwise.
    const odd = [...places].find(([key]) => !known.has(key))?.[1];
    const isWithout = own.conditions.every((condition) => condition === "") && !others.conditions.includes("");
    const remedy = isWithout
      ? 'give conditions, in a column "condition"'
      : "give images and conditions as people's answers call them";
    throw new TableError(
      table,
      odd === undefined
        ? `has no ${count} of ${name} that people have seen, first ${first}; predict all of the data set's images`
        : `has ${trialName(own, odd)} of ${name}, which people have not seen, and no ${count} that they have, first ${first}; ${remedy}`,
      odd === undefined ? undefined : rows[odd],
    );
  }
  const answers = keys.map((key, trial) => {
    const place = places.get(key)!;
    if (own.trials.category[place] !== others.trials.category[trial]) {
      const image = others.trials.images[trial]!;
      throw new TableError(
        table,
        `has another category for image ${image} of ${name} than people's answers; correct one of them`,
        rows[place],
      );
    }
    places.delete(key);
    return model.answers[place]!;
  });
  const [extra] = places.values();
  if (extra !== undefined) {
    const count = places.size === 1 ? "a prediction for an image" : `predictions for ${places.size} images`;
    throw new TableError(
      table,
      `has ${count} of ${name} that people have not seen, first ${own.trials.images[extra]}; observers must have seen the same images, so leave the others out`,
      rows[extra],
    );
  }
  return { ...others, observers: [...others.observers, { ...model, answers: Int8Array.from(answers) }] };
}
