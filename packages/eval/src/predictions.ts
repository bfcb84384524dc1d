import type { HostTensor } from "@vitscale/core";

/**
 * A table of predictions: what every evaluation starts from. Row i holds what a model said of image i.
 *
 * `scores` [images, classes] are probabilities or logits, in any order-preserving scale; `labels` [images] are classes.
 */
export interface Predictions {
  readonly scores: HostTensor<"float32">;
  readonly labels: HostTensor<"int32">;
}

/**
 * Checks a table.
 *
 * @throws RangeError naming the first row that breaks a rule: shapes that do not fit, an unknown class, a NaN score.
 */
export function checkPredictions({ scores, labels }: Predictions): void {
  const [images, classes] = scores.shape;
  if (scores.shape.length !== 2 || labels.shape.length !== 1 || labels.shape[0] !== images) {
    throw new RangeError(
      `predictions need scores [images, classes] and labels [images], but they are [${scores.shape}] and [${labels.shape}]`,
    );
  }
  labels.data.forEach((label, row) => {
    if (label < 0 || label >= (classes as number)) {
      throw new RangeError(`row ${row} has label ${label}, but there are ${classes} classes, numbered from 0`);
    }
  });
  const broken = scores.data.findIndex(Number.isNaN);
  if (broken >= 0) {
    throw new RangeError(
      `row ${Math.floor(broken / (classes as number))} has a NaN score; every score must be a number`,
    );
  }
}
