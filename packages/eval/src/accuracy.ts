import { checkPredictions, type Predictions } from "./predictions.ts";
import type { Estimate } from "./statistics/estimate.ts";
import { wilsonInterval } from "./statistics/wilson.ts";

/**
 * The share of images whose label is among the `k` highest scores. Of equal scores the lower class counts as higher.
 *
 * @throws RangeError when the table is broken or k is not between 1 and the number of classes.
 */
export function topKAccuracy(predictions: Predictions, k = 1): Estimate {
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
