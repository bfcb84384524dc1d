import * as tf from "@tensorflow/tfjs-core";
import { collectives, nn } from "@vitscale/core";

/** The mean over features that ranks share: [..., n/k] → [..., 1], on every rank. */
function sharedMean(x: tf.Tensor, group: collectives.RankGroup): tf.Tensor {
  const features = (x.shape.at(-1) as number) * group.ranks.length;
  return tf.div(collectives.allReduce(tf.sum(x, -1, true), group), features);
}

/** Two means for the traffic's latency of one. */
function sharedMeans(x: tf.Tensor, y: tf.Tensor, group: collectives.RankGroup): [tf.Tensor, tf.Tensor] {
  const features = (x.shape.at(-1) as number) * group.ranks.length;
  const sums = tf.concat([tf.sum(x, -1, true), tf.sum(y, -1, true)], -1);
  const means = tf.div(collectives.allReduce(sums, group), features);
  return tf.split(means, 2, -1) as [tf.Tensor, tf.Tensor];
}

/**
 * RMS norm over features that ranks share: one number a row is summed over ranks each way, Σx² forward and Σ g⊙x̂ backward.
 * Saves what `nn.rmsNorm` saves.
 */
export function sharedRmsNorm(
  x: tf.Tensor,
  { scale }: nn.RmsNormParameters,
  { epsilon = 1e-6 }: nn.NormOptions,
  group: collectives.RankGroup,
): tf.Tensor {
  return nn.withGradient(
    [x, scale] as const,
    (x, scale) => {
      const inverse = tf.rsqrt(tf.add(sharedMean(tf.square(x), group), epsilon));
      return { value: tf.mul(tf.mul(x, inverse), scale), save: [x, scale, inverse] };
    },
    (dy, saved) => {
      const [x, scale, inverse] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
      const normed = tf.mul(x, inverse);
      const gradient = tf.mul(dy, scale);
      const along = tf.mul(normed, sharedMean(tf.mul(gradient, normed), group));
      return [tf.mul(inverse, tf.sub(gradient, along)), nn.sumOfRows(tf.mul(dy, normed))] as const;
    },
  );
}

/**
 * Layer norm over features that ranks share. Centring costs a second sum over ranks forward, since the variance is taken around
 * the mean; backward, both means travel together.
 */
export function sharedLayerNorm(
  x: tf.Tensor,
  { scale, bias }: nn.LayerNormParameters,
  { epsilon = 1e-6 }: nn.NormOptions,
  group: collectives.RankGroup,
): tf.Tensor {
  return tf.tidy(() => {
    const y = nn.withGradient(
      [x, scale] as const,
      (x, scale) => {
        const mean = sharedMean(x, group);
        const centred = tf.sub(x, mean);
        const inverse = tf.rsqrt(tf.add(sharedMean(tf.square(centred), group), epsilon));
        return { value: tf.mul(tf.mul(centred, inverse), scale), save: [x, scale, mean, inverse] };
      },
      (dy, saved) => {
        const [x, scale, mean, inverse] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const normed = tf.mul(tf.sub(x, mean), inverse);
        const gradient = tf.mul(dy, scale);
        const [average, slope] = sharedMeans(gradient, tf.mul(gradient, normed), group);
        const dx = tf.mul(inverse, tf.sub(tf.sub(gradient, average), tf.mul(normed, slope)));
        return [dx, nn.sumOfRows(tf.mul(dy, normed))] as const;
      },
    );
    return bias ? tf.add(y, bias) : y;
  });
}
