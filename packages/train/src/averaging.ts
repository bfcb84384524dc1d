import * as tf from "@tensorflow/tfjs-core";

/** How parameters are averaged over steps. */
export interface AveragingConfig {
  /** Share of the average that is kept at each step, once the run is long enough; about 1 / (1 − decay) steps count. */
  readonly decay: number;
}

/** Averages of the trained parameters, by name. */
export type Averages = Readonly<Record<string, tf.Tensor>>;

/**
 * The weight of the newest parameters in the average after an update:
 *
 *     average ← average + share·(θ − average)        share = 1 − min(decay, (1 + t) / (10 + t))
 *
 * (Polyak & Juditsky 1992, as an exponential average; the growing decay is TensorFlow's `ExponentialMovingAverage`, so that the first
 * parameters are soon forgotten.) ViT-G was fine-tuned so at a constant rate.
 *
 * @param step finished steps: 0 after the first update
 */
export function averagingShare({ decay }: AveragingConfig, step: number): number {
  return 1 - Math.min(decay, (1 + step) / (10 + step));
}

/** The averages after an update. @param share scalar from {@link averagingShare} */
export function updateAverages(averages: Averages, params: Averages, share: tf.Tensor): Averages {
  return Object.fromEntries(
    Object.entries(averages).map(([name, average]) => {
      return [name, tf.add(average, tf.mul(tf.sub(params[name]!, average), share))];
    }),
  );
}
