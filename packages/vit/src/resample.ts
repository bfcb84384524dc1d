import { didYouMeanOneOf, type HostTensor, hostTensor } from "@vitscale/core";

const resamplings = ["corner-aligned", "half-pixel", "half-pixel-antialiased"] as const;

/**
 * Where the points of a resampled axis lie.
 *
 * - `corner-aligned`: first and last points coincide (SciPy's `zoom(order=1)`; big_vision's `resample_posemb`).
 * - `half-pixel`: points are centres of equal cells; shrinking may skip points (tf.image.resize, FlexiViT's PI-resize).
 * - `half-pixel-antialiased`: the same, and shrinking averages over what a cell covers (`jax.image.resize`, PyTorch's
 *   bilinear interpolation with `antialias`).
 */
export type Resampling = (typeof resamplings)[number];

/**
 * Linear resampling of an axis from `from` to `to` points as a matrix [to, from]; every row sums to 1.
 *
 * @throws RangeError for a method of another name
 */
export function resampleMatrix(from: number, to: number, method: Resampling): HostTensor<"float32"> {
  if (!resamplings.includes(method)) {
    throw new RangeError(`resampling "${method}" is not known${didYouMeanOneOf(method, "methods", resamplings)}`);
  }
  const matrix = hostTensor("float32", [to, from]);
  const reach = method === "half-pixel-antialiased" ? Math.max(1, from / to) : 1;
  for (let row = 0; row < to; row++) {
    // Beyond the first or last point, by less than half a cell, it is that point: the sum makes its weight 1 again.
    const point =
      method === "corner-aligned" ? (to === 1 ? 0 : (row * (from - 1)) / (to - 1)) : ((row + 0.5) * from) / to - 0.5;
    const weights = Array.from({ length: from }, (_, column) => Math.max(0, 1 - Math.abs(point - column) / reach));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    matrix.data.set(
      weights.map((weight) => weight / sum),
      row * from,
    );
  }
  return matrix;
}

/** Resampling of a square grid as one matrix [to², from²] over its points, row by row: the Kronecker square. */
export function resampleGridMatrix(from: number, to: number, method: Resampling): HostTensor<"float32"> {
  const { data: axis } = resampleMatrix(from, to, method);
  const matrix = hostTensor("float32", [to * to, from * from]);
  for (let y = 0; y < to; y++) {
    for (let x = 0; x < to; x++) {
      for (let i = 0; i < from; i++) {
        for (let j = 0; j < from; j++) {
          matrix.data[((y * to + x) * from + i) * from + j] = axis[y * from + i]! * axis[x * from + j]!;
        }
      }
    }
  }
  return matrix;
}
