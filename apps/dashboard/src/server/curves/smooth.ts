/** Parts of the range of x over which the weight is meant: about the pixels of a chart. */
const parts = 1000;

/**
 * Debiased exponential moving average over x: m ← w·m + (1 − w)·y, divided by the sum of the weights so far, so that the first points
 * are not drawn to zero. The past's weight falls with the distance between points, w = weight^(1000·Δx / range): a curve of ten thousand
 * points and its neighbour of a hundred look equally smooth, and a few evaluations stay what they are. A value that is not finite stays
 * as it is and leaves the average alone.
 *
 * @param weight of the past over a thousandth of the range, 0 … below 1
 */
export function smoothed(x: Float64Array, y: Float64Array, weight: number, range: number): Float64Array {
  const result = new Float64Array(y.length);
  let mean = 0;
  let total = 0;
  let before: number | undefined;
  for (let i = 0; i < y.length; i++) {
    const value = y[i]!;
    if (!Number.isFinite(value)) {
      result[i] = value;
      continue;
    }
    const distance = before === undefined || !(range > 0) ? 1 : (parts * Math.max(0, x[i]! - before)) / range;
    before = x[i]!;
    const past = weight ** distance;
    mean = past * mean + (1 - past) * value;
    total = past * total + (1 - past);
    result[i] = mean / total;
  }
  return result;
}
