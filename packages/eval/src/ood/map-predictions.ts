import { type ScoreKind, scoreKind, toLogits, toProbabilities } from "../calibration/probabilities.ts";
import { checkLabels } from "../calibration/row-vectors.ts";
import { type Column, numberColumn, type VectorColumn, vectorColumn } from "../table/column.ts";
import { columnOf, numbersOf, type Table, TableError, table } from "../table/table.ts";
import { type LabelMap, mapDatasetClasses } from "./label-map.ts";

/**
 * Predictions in the classes of a label map, for suites that measure a model on classes of its own. The probability of a class is the sum
 * over the model's classes that stand for it, as a share of what all classes of the map have together. Labels are found by the names in
 * the column `class`; without it, `label` holds numbers of the map's classes.
 *
 * @param kind what the scores are, and stay: probabilities, or logits, which become logarithms of the mapped probabilities; by default as
 *   the first row looks
 * @throws TableError when the scores are not of as many classes as the map is from; naming the row whose class is not in the map, or of
 *   whose probability nothing is on its classes
 */
export function mapPredictions(predictions: Table, map: LabelMap, kind?: ScoreKind): Table {
  const { name, columns } = predictions;
  const scores = columnOf(predictions, "scores", "vector");
  if (scores.width !== map.sourceClasses) {
    throw new TableError(
      name,
      `has scores of ${scores.width} classes, but label map ${map.name} begins with ${map.sourceClasses}; give the map of this model`,
    );
  }
  const mapped = new Map<string, Column>(columns);
  const known = kind ?? scoreKind(scores);
  const probabilities = mapScores(toProbabilities(scores, known, name).data, map, name);
  mapped.set("scores", known === "logits" ? logarithms(probabilities) : probabilities);
  mapped.set("label", numberColumn(labelsIn(map, predictions)));
  return table(mapped, name);
}

function mapScores(probabilities: ArrayLike<number>, { name: map, sourceClasses, sources }: LabelMap, name: string) {
  const width = sources.length;
  const data = new Float32Array((probabilities.length / sourceClasses) * width);
  for (let row = 0; row * width < data.length; row++) {
    const sums = sources.map((list) =>
      list.reduce((sum, source) => sum + probabilities[row * sourceClasses + source]!, 0),
    );
    const whole = sums.reduce((sum, value) => sum + value, 0);
    if (whole === 0) throw new TableError(name, `has no probability on any class of label map ${map}`, row);
    for (const [label, sum] of sums.entries()) data[row * width + label] = sum / whole;
  }
  return vectorColumn(data, width);
}

/** Logits that softmax makes these probabilities of. */
function logarithms(probabilities: VectorColumn): VectorColumn {
  return vectorColumn(Float32Array.from(toLogits(probabilities, "probabilities").data), probabilities.width);
}

function labelsIn(map: LabelMap, predictions: Table): Int32Array {
  const { name, length, columns } = predictions;
  if (columns.get("class")?.kind !== "text") {
    const labels = numbersOf(predictions, "label");
    checkLabels(labels, length, map.classes.length, name);
    return Int32Array.from(labels);
  }
  const { values, of } = columnOf(predictions, "class", "text");
  const numbers = mapDatasetClasses(values, map);
  const stranger = of.findIndex((value) => numbers[value] === -1);
  if (stranger >= 0) {
    throw new TableError(
      name,
      `class "${values[of[stranger]!]}" is not in label map ${map.name}; add it, or leave its images out`,
      stranger,
    );
  }
  return of.map((value) => numbers[value]!);
}
