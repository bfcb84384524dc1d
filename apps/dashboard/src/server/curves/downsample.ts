import type { Line } from "../../shared/api.ts";

/** What part of a line is wanted, and in how many points. */
export interface Window {
  readonly from: number;
  readonly to: number;
  /** Points at most, at least 4. */
  readonly points: number;
  readonly logX: boolean;
}

/**
 * The points of a line that a chart of this width can show: all of them where they are few, otherwise the least and the greatest of each
 * of `points / 2` buckets of equal width, in their order, so that no spike is lost. A bucket with a value that is not finite has a
 * gap. One point on either side of the window is kept, so that lines reach its edges.
 */
export function downsample(x: Float64Array, y: Float64Array, { from, to, points, logX }: Window): Line {
  const [first, last] = visible(x, from, to);
  if (last - first <= points) return round(x.subarray(first, last), y.subarray(first, last));
  // A log axis begins at the first positive x; what lies before it shares the first bucket.
  const positive = logX
    ? Math.max(
        first,
        x.findIndex((value) => value > 0),
      )
    : first;
  const place = logX ? (value: number) => Math.log(Math.max(value, x[positive]!)) : (value: number) => value;
  const begin = place(x[positive]!);
  const buckets = Math.max(2, Math.floor(points / 2));
  const scale = buckets / (place(x[last - 1]!) - begin || 1);

  const chosen: number[] = [];
  let bucket = 0;
  let least = -1;
  let greatest = -1;
  let broken = -1;
  const close = () => {
    const ends = [least, greatest, broken].filter((index) => index >= 0).sort((a, b) => a - b);
    for (const [i, index] of ends.entries()) if (index !== ends[i - 1]) chosen.push(index);
    least = greatest = broken = -1;
  };
  for (let i = first; i < last; i++) {
    const at = Math.min(buckets - 1, Math.floor((place(x[i]!) - begin) * scale));
    if (at !== bucket) {
      close();
      bucket = at;
    }
    const value = y[i]!;
    if (!Number.isFinite(value)) broken = i;
    else {
      if (least < 0 || value < y[least]!) least = i;
      if (greatest < 0 || value > y[greatest]!) greatest = i;
    }
  }
  close();
  return round(
    chosen.map((i) => x[i]!),
    chosen.map((i) => y[i]!),
  );
}

/** First index and the one after the last of what the window shows, with a neighbour on either side. */
function visible(x: Float64Array, from: number, to: number): [number, number] {
  let first = 0;
  while (first < x.length && x[first]! < from) first++;
  let last = x.length;
  while (last > first && x[last - 1]! > to) last--;
  return [Math.max(0, first - 1), Math.min(x.length, last + 1)];
}

/** Eight digits are more than a screen shows; what is not finite is null. */
function round(x: ArrayLike<number>, y: ArrayLike<number>): Line {
  return { x: Array.from(x, digits), y: Array.from(y, (value) => (Number.isFinite(value) ? digits(value) : null)) };
}

/** A number with the eight digits that travel. */
export const digits = (value: number) => (Number.isInteger(value) ? value : Number(value.toPrecision(8)));
