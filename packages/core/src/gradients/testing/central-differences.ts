import * as tf from "@tensorflow/tfjs-core";

/** Step of the stencil: a power of two, so that x ± h is exact in float32 for x of order one. */
const step = 1 / 32;

/** Σ weights ⊙ y, added up in double precision. */
function weightedSum(y: tf.Tensor, weights: Float32Array): number {
  return (y.dataSync() as Float32Array).reduce((sum, value, i) => sum + value * (weights[i] as number), 0);
}

/**
 * d Σ(weights ⊙ f(inputs)) / d inputs by the five-point stencil
 * f' ≈ (8·[f(x+h) - f(x-h)] - [f(x+2h) - f(x-2h)]) / 12h, whose error is of order h⁴ f⁽⁵⁾ and of ε/h from float32.
 */
export function centralDifferences(
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: readonly tf.Tensor[],
  weights: Float32Array,
): Float32Array[] {
  return inputs.map((input, which) => {
    const values = input.dataSync() as Float32Array;
    const at = (index: number, offset: number) =>
      tf.tidy(() => {
        const moved = values.slice();
        moved[index] = (moved[index] as number) + offset * step;
        const shifted = tf.tensor(moved, input.shape, "float32");
        return weightedSum(f(...inputs.map((other, i) => (i === which ? shifted : other))), weights);
      });
    return values.map((_, i) => (8 * (at(i, 1) - at(i, -1)) - (at(i, 2) - at(i, -2))) / (12 * step));
  });
}

/** The same by the tape and whatever gradients are registered. */
export function tapeGradients(
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: readonly tf.Tensor[],
  weights: Float32Array,
): Float32Array[] {
  return tf.tidy(() => {
    const loss = (...xs: tf.Tensor[]) => {
      const y = f(...xs);
      return tf.sum(tf.mul(y, tf.tensor(weights, y.shape)));
    };
    return tf
      .grads(loss)([...inputs])
      .map((gradient) => gradient.dataSync() as Float32Array);
  });
}

/** max |a - b| / (1 + max |b|); 0 for empty arrays, infinite where either is not a number. */
export function distance(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  const scale = b.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return a.reduce((most, value, i) => {
    const gap = Math.abs(value - (b[i] as number)) / scale;
    return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(most, gap);
  }, 0);
}
