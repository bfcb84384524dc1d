import { type Engine, hostTensor } from "@vitscale/core";
import type { Predictions } from "../predictions.ts";
import { checkFeatures, checkSameWidth, checkVectors, type Features, unitVectors, type Vectors } from "./features.ts";
import { linearScores } from "./linear-scores.ts";

/**
 * One unit vector for each class: the mean of its prompts' embeddings, each of them normalised first, divided by its norm.
 *
 * @param prompts [prompts, width] embeddings of the texts
 * @param classOfPrompt [prompts] class of each
 * @param classes number of classes
 * @returns [classes, width]
 * @throws RangeError for broken vectors, a prompt of no class, naming the row, and a class without prompts
 */
export function classVectors(prompts: Vectors, classOfPrompt: ArrayLike<number>, classes: number): Vectors {
  const { rows, width } = checkVectors(prompts, "prompts");
  if (classOfPrompt.length !== rows) {
    throw new RangeError(`${rows} prompts, but classes of ${classOfPrompt.length}; give the class of each prompt`);
  }
  const unit = unitVectors(prompts).data;
  const counts = new Int32Array(classes);
  const sums = new Float32Array(classes * width);
  for (let prompt = 0; prompt < rows; prompt++) {
    const label = classOfPrompt[prompt]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new RangeError(
        `row ${prompt} of the prompts has class ${label}, but there are ${classes}, numbered from 0`,
      );
    }
    counts[label]!++;
    for (let i = 0; i < width; i++) sums[label * width + i]! += unit[prompt * width + i]!;
  }
  const empty = counts.indexOf(0);
  if (empty >= 0) throw new RangeError(`class ${empty} has no prompt; give one or more for each class`);
  return unitVectors(hostTensor("float32", [classes, width], sums));
}

/**
 * Zero-shot classification: the scores of an image are its cosines with the vectors of the classes.
 *
 * As `discriminative_classifier.py` of big_vision. Where the true classes are lists, as in ImageNet-ReaL, take `scores` to
 * `decide` and `acceptedAccuracy`.
 *
 * @param classes [classes, width] from {@link classVectors}
 */
export async function zeroShot(
  images: Features,
  classes: Vectors,
  options: { readonly engine?: Engine } = {},
): Promise<Predictions> {
  checkFeatures(images, "image embeddings");
  checkSameWidth(images.vectors, classes);
  const [count = 0, width = 0] = classes.shape;
  const kernel = new Float64Array(width * count);
  for (let label = 0; label < count; label++) {
    for (let i = 0; i < width; i++) kernel[i * count + label] = classes.data[label * width + i]!;
  }
  const scores = await linearScores(unitVectors(images.vectors), { kernel, bias: new Float64Array(count) }, options);
  return { scores, labels: hostTensor("int32", [images.labels.length], images.labels) };
}
