import { checkPredictions, type Predictions } from "./predictions.ts";

/** A share of images with the interval that contains the true share in 95 of 100 samples. */
export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly images: number;
}

// Two-sided 95 % quantile of the normal distribution.
const z = 1.959963984540054;

/** Wilson's score interval of a share of successes (Wilson 1927): right also near 0 and 1, where the normal one is not. */
export function wilsonInterval(successes: number, trials: number): Share {
  if (trials === 0) return { value: Number.NaN, low: 0, high: 1, images: 0 };
  const value = successes / trials;
  const centre = (value + (z * z) / (2 * trials)) / (1 + (z * z) / trials);
  const half =
    (z / (1 + (z * z) / trials)) * Math.sqrt((value * (1 - value)) / trials + (z * z) / (4 * trials * trials));
  return { value, low: Math.max(0, centre - half), high: Math.min(1, centre + half), images: trials };
}

/**
 * The share of images whose label is among the `k` highest scores. Of equal scores the lower class counts as higher.
 *
 * @throws RangeError when the table is broken or k is not between 1 and the number of classes.
 */
export function topKAccuracy(predictions: Predictions, k = 1): Share {
  checkPredictions(predictions);
  const { scores, labels } = predictions;
  const [images, classes] = scores.shape as [number, number];
  if (!Number.isInteger(k) || k < 1 || k > classes)
    throw new RangeError(`k is ${k}; it must be between 1 and ${classes}`);
  let hits = 0;
  for (let image = 0; image < images; image++) {
    const label = labels.data[image] as number;
    const row = scores.data.subarray(image * classes, (image + 1) * classes);
    const own = row[label] as number;
    let ahead = 0;
    row.forEach((score, other) => {
      if (score > own || (score === own && other < label)) ahead++;
    });
    if (ahead < k) hits++;
  }
  return wilsonInterval(hits, images);
}
