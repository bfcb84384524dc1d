/**
 * Places of values in their order, 1 for the first; equal values share the mean of their places (as pandas' `rank` does).
 *
 * @param order `ascending` gives the smallest value rank 1, `descending` the largest
 * @throws RangeError for NaN, which has no place.
 */
export function ranks(values: ArrayLike<number>, order: "ascending" | "descending"): Float64Array {
  const sign = order === "ascending" ? 1 : -1;
  const sorted = Array.from(values, (value, index) => {
    if (Number.isNaN(value)) throw new RangeError(`value ${index} is NaN, which has no rank; leave it out`);
    return index;
  }).sort((a, b) => sign * (values[a]! - values[b]!));
  const result = new Float64Array(sorted.length);
  for (let start = 0; start < sorted.length; ) {
    let end = start + 1;
    while (end < sorted.length && values[sorted[end]!] === values[sorted[start]!]) end++;
    for (let place = start; place < end; place++) result[sorted[place]!] = (start + 1 + end) / 2;
    start = end;
  }
  return result;
}
