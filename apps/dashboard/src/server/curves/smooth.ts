/**
 * Debiased exponential moving average: m ← w·m + (1 − w)·y, divided by 1 − wⁿ, so that the first points are not drawn to zero. A
 * value that is not finite stays as it is and leaves the average alone.
 *
 * @param weight of the past, 0 … below 1
 */
export function smoothed(y: Float64Array, weight: number): Float64Array {
  const result = new Float64Array(y.length);
  let mean = 0;
  let bias = 1;
  for (let i = 0; i < y.length; i++) {
    const value = y[i]!;
    if (!Number.isFinite(value)) {
      result[i] = value;
      continue;
    }
    mean = weight * mean + (1 - weight) * value;
    bias *= weight;
    result[i] = mean / (1 - bias);
  }
  return result;
}
