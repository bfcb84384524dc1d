import { checkScores, type ScoreKind, softmax } from "../calibration/probabilities.ts";
import type { LabelMap } from "../ood/label-map.ts";
import type { VectorColumn } from "../table/column.ts";
import { TableError } from "../table/table.ts";
import { ownCategories } from "./category-map.ts";
import { sixteenClassMap } from "./sixteen-classes.ts";

/**
 * The category that a model decides for on each image: the one whose classes have the largest mean probability. Of equal means the last
 * category in the alphabet wins, as in the toolbox.
 *
 * The mean and not the sum, so that a category of many classes (109 dogs) has no more weight than one of few (Geirhos et al. 2018,
 * appendix). Probabilities are of all classes: a softmax over those of the sixteen categories alone would give other decisions.
 *
 * @param scores [images, classes] probabilities, or logits, which become probabilities by softmax
 * @returns [images] numbers of the map's classes
 * @throws TableError when the scores are not of as many classes as the map is from, or are no probabilities; names the row.
 */
export function decideCategories(
  scores: VectorColumn,
  kind: ScoreKind,
  map: LabelMap = sixteenClassMap,
  name = "scores",
): Int32Array {
  const { width, data } = scores;
  const { sourceClasses, sources } = map;
  if (width !== sourceClasses) {
    throw new TableError(
      name,
      `scores of ${width} classes cannot be read as ${map.name}, which are made of ${sourceClasses} classes` +
        `${map === sixteenClassMap ? " (ImageNet's)" : ""}; give predictions of a model with ${sourceClasses} classes, a label map from ` +
        `the classes of this one (human.map; "${ownCategories}" where they are the categories themselves), or decisions for one of ` +
        map.classes.join(", "),
    );
  }
  checkScores(scores, kind, name);
  const decisions = new Int32Array(data.length / width);
  for (let row = 0; row < decisions.length; row++) {
    const values = data.subarray(row * width, (row + 1) * width);
    // In double precision: float32 has no probabilities of classes that lie 104 and more below the highest logit.
    const probabilities = kind === "logits" ? softmax({ width, data: Float64Array.from(values) }).data : values;
    let best = Number.NEGATIVE_INFINITY;
    for (const [category, classes] of sources.entries()) {
      let sum = 0;
      for (const source of classes) sum += probabilities[source]!;
      if (sum / classes.length >= best) {
        best = sum / classes.length;
        decisions[row] = category;
      }
    }
  }
  return decisions;
}
