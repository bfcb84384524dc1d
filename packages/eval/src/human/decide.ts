import type { LabelMap } from "../ood/label-map.ts";
import type { VectorColumn } from "../table/column.ts";
import { TableError } from "../table/table.ts";
import { sixteenClassMap } from "./sixteen-classes.ts";

/**
 * The category that a model decides for on each image: the one whose classes have the largest mean probability. Of equal means the last
 * category in the alphabet wins, as in the toolbox.
 *
 * The mean and not the sum, so that a category of many classes (109 dogs) has no more weight than one of few (Geirhos et al. 2018,
 * appendix). Probabilities are of all classes: a softmax over those of the sixteen categories alone would give other decisions.
 *
 * @param scores [images, classes] probabilities, or logits, which become probabilities by softmax
 * @returns [images] numbers of categories
 * @throws TableError when the scores are not of as many classes as the map is from, or are no probabilities; names the row.
 */
export function decideCategories(
  { width, data }: VectorColumn,
  kind: "probabilities" | "logits",
  map: LabelMap = sixteenClassMap,
  name = "scores",
): Int32Array {
  const { sourceClasses, sources } = map;
  if (width !== sourceClasses) {
    throw new TableError(
      name,
      `scores of ${width} classes cannot be read as ${map.name}, which are made of ${sourceClasses} classes (ImageNet's); ` +
        `give predictions of a model with ${sourceClasses} classes, or decisions for one of ${map.classes.join(", ")}`,
    );
  }
  const rows = data.length / width;
  const decisions = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * width, (row + 1) * width);
    if (kind === "probabilities") requireProbabilities(values, name, row);
    const largest = kind === "logits" ? requireNumbers(values, name, row) : 0;
    let best = Number.NEGATIVE_INFINITY;
    for (const [category, classes] of sources.entries()) {
      let sum = 0;
      for (const source of classes) sum += kind === "logits" ? Math.exp(values[source]! - largest) : values[source]!;
      if (sum / classes.length >= best) {
        best = sum / classes.length;
        decisions[row] = category;
      }
    }
  }
  return decisions;
}

function requireProbabilities(values: Float32Array, name: string, row: number): void {
  let sum = 0;
  for (const value of values) {
    if (!(value >= 0 && value <= 1))
      throw new TableError(
        name,
        `has the probability ${value}; give numbers from 0 to 1, or say that these are logits`,
        row,
      );
    sum += value;
  }
  if (Math.abs(sum - 1) > 1e-3)
    throw new TableError(name, `has probabilities whose sum is ${sum.toFixed(4)}; it must be 1`, row);
}

/** The largest of numbers. */
function requireNumbers(values: Float32Array, name: string, row: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (Number.isNaN(value)) throw new TableError(name, "has a NaN score; every score must be a number", row);
    if (value > largest) largest = value;
  }
  return largest;
}
