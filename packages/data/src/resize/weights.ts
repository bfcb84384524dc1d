/** The filters of a resize. */
export const filters = ["bilinear", "bicubic", "area"] as const;

/** How a resize weighs input pixels. All sample at half-pixel centres and renormalise at the border. */
export type Filter = (typeof filters)[number];

/** For each output position the first input position, and the weights of it and its successors, in rows of `taps`. */
export interface AxisWeights {
  readonly taps: number;
  readonly starts: Int32Array;
  /** `[output positions, taps]`; each row sums to 1, unused taps are 0. */
  readonly weights: Float64Array;
}

const kernels = {
  /** The triangle. */
  bilinear: { radius: 1, weight: (x: number) => Math.max(0, 1 - x) },
  /** Keys 1981 with a = -1/2, as PIL, TensorFlow 2 and JAX have it (PyTorch has a = -3/4). */
  bicubic: {
    radius: 2,
    weight: (x: number) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0),
  },
};

/**
 * The linear map of one axis from `from` to `to` pixels.
 *
 * `bilinear` and `bicubic` without antialias look at the 2 or 4 pixels around the sampling point, as `tf.image.resize`
 * does; with antialias the kernel widens by the factor of shrinking, as in PIL and `jax.image.resize(antialias=True)`.
 * `area` is the exact mean over the covered interval (`tf.image.resize(method="area")`), antialiased by nature.
 */
export function axisWeights(from: number, to: number, filter: Filter, antialias: boolean): AxisWeights {
  const scale = from / to;
  const reach = filter === "area" ? scale / 2 : kernels[filter].radius * (antialias ? Math.max(1, scale) : 1);
  // An interval of length L covers parts of at most ceil(L) + 1 pixels, and the centres of at most ceil(L).
  const taps = Math.min(from, Math.ceil(2 * reach) + (filter === "area" ? 1 : 0));
  const starts = new Int32Array(to);
  const weights = new Float64Array(to * taps);
  for (let position = 0; position < to; position++) {
    const centre = (position + 0.5) * scale;
    const lowest = filter === "area" ? Math.floor(centre - reach) : Math.ceil(centre - reach - 0.5);
    const start = Math.max(0, Math.min(from - taps, lowest));
    starts[position] = start;
    const row = weights.subarray(position * taps, (position + 1) * taps);
    for (let tap = 0; tap < taps; tap++) {
      const pixel = start + tap;
      if (filter === "area") {
        row[tap] = Math.max(0, Math.min(pixel + 1, centre + reach) - Math.max(pixel, centre - reach));
      } else {
        const { radius, weight } = kernels[filter];
        row[tap] = weight((Math.abs(pixel + 0.5 - centre) * radius) / reach);
      }
    }
    const total = row.reduce((sum, weight) => sum + weight, 0);
    for (let tap = 0; tap < taps; tap++) row[tap]! /= total;
  }
  return { taps, starts, weights };
}
