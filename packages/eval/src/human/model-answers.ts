import { scoreKind } from "../calibration/probabilities.ts";
import { columnOf, type Table, TableError, textsOf } from "../table/table.ts";
import { type Answers, categoryNumber, type Observer } from "./answers.ts";
import { decideCategories } from "./decide.ts";
import { experimentOf, imageIdentity, spellCondition } from "./experiments.ts";

/** How predictions become answers. */
export interface ModelAnswersOptions {
  /** What the scores are; by default probabilities if the first row is between 0 and 1. */
  readonly scores?: "probabilities" | "logits";
  /** The model's name in tables and plots; `model` by default. */
  readonly model?: string;
  /** Which data set all rows are of where the table has no column `dataset`; `cue-conflict` by default. */
  readonly dataset?: string;
}

/**
 * A model's answers among the sixteen categories, by data set: from a column `answer`, or decided from 1000 scores.
 *
 * @throws TableError naming the row of an unknown category, or saying that the scores are not of 1000 classes
 */
export function modelAnswers(
  predictions: Table,
  { scores, model = "model", dataset: only = "cue-conflict" }: ModelAnswersOptions,
): Answers[] {
  const { name, length } = predictions;
  const numbered = (column: string) =>
    textsOf(predictions, column).map((text, row) => categoryNumber(text, { column, table: name, row }));
  const categories = numbered("category");
  const answers = predictions.columns.has("answer") ? numbered("answer") : decidedCategories(predictions, scores);
  const images = textsOf(predictions, "image");
  const optional = (column: string, otherwise: string) =>
    predictions.columns.has(column) ? textsOf(predictions, column) : new Array<string>(length).fill(otherwise);
  const [datasets, conditions] = [optional("dataset", only), optional("condition", "")];
  return [...new Set(datasets)].map((dataset): Answers => {
    const rows = Array.from(datasets.keys()).filter((row) => datasets[row] === dataset);
    const experiment = experimentOf(dataset);
    const spelled = rows.map((row) => spellCondition(experiment, conditions[row]!));
    const names = [...new Set(spelled)];
    return {
      name: dataset,
      conditions: names,
      trials: {
        images: rows.map((row) => imageIdentity(images[row]!)),
        condition: Int32Array.from(spelled, (condition) => names.indexOf(condition)),
        category: Int8Array.from(rows, (row) => categories[row]!),
      },
      observers: [{ name: model, isHuman: false, answers: Int8Array.from(rows, (row) => answers[row]!) }],
    };
  });
}

function decidedCategories(predictions: Table, given: ModelAnswersOptions["scores"]): Int32Array {
  const scores = columnOf(predictions, "scores", "vector");
  return decideCategories(scores, given ?? scoreKind(scores), undefined, predictions.name);
}

/**
 * Other observers' answers with the model's beside them.
 *
 * @throws TableError naming an image that the model has no answer to, or two, or that belongs to another category
 */
export function beside(others: Answers, model: Observer, { trials, conditions, name }: Answers): Answers {
  const key = (condition: string | undefined, image: string | undefined) => `${condition}/${image}`;
  const places = new Map<string, number>();
  for (const [i, image] of trials.images.entries()) {
    const own = key(conditions[trials.condition[i]!], image);
    if (places.has(own)) throw new TableError(name, `has two rows for image ${image}; leave one`);
    places.set(own, i);
  }
  const answers = others.trials.images.map((image, i) => {
    const place = places.get(key(others.conditions[others.trials.condition[i]!], image));
    if (place === undefined) {
      throw new TableError(
        name,
        `has no prediction for image ${image}, which people have seen; predict all of the data set's images`,
      );
    }
    if (trials.category[place] !== others.trials.category[i]) {
      throw new TableError(name, `has another category for image ${image} than people's answers; correct one of them`);
    }
    return model.answers[place]!;
  });
  return { ...others, observers: [...others.observers, { ...model, answers: Int8Array.from(answers) }] };
}
