import type { Band } from "../../shared/api.ts";
import { digits } from "./downsample.ts";

/** A run's line before it is down-sampled. */
export interface FullLine {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/**
 * Mean and spread of several lines at common places: those of the lines themselves where they agree, otherwise evenly spaced ones,
 * between which each line is interpolated. A line counts only where it has been, and has been finite: it is never continued.
 */
export function band(group: string, lines: readonly FullLine[], at: Float64Array): Band {
  const mean: (number | null)[] = [];
  const low: (number | null)[] = [];
  const high: (number | null)[] = [];
  const cursors = lines.map(() => 0);
  for (const x of at) {
    const values: number[] = [];
    for (const [index, line] of lines.entries()) {
      let cursor = cursors[index]!;
      while (cursor + 1 < line.x.length && line.x[cursor + 1]! <= x) cursor++;
      cursors[index] = cursor;
      const value = interpolate(line, cursor, x);
      if (Number.isFinite(value)) values.push(value);
    }
    if (values.length === 0) {
      mean.push(null);
      low.push(null);
      high.push(null);
      continue;
    }
    const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
    const deviation = values.length > 1 ? Math.sqrt(square / (values.length - 1)) : 0;
    mean.push(digits(centre));
    low.push(digits(centre - deviation));
    high.push(digits(centre + deviation));
  }
  return { group, x: Array.from(at, digits), mean, low, high, runs: lines.length, ...brokenLines(lines) };
}

/** Where lines are NaN or infinite, if any is: the mean is one of the others from there on. */
function brokenLines(lines: readonly FullLine[]): Pick<Band, "nonFinite"> {
  const firsts = lines.flatMap(({ x, y }) => {
    const broken = y.findIndex((value) => !Number.isFinite(value));
    return broken < 0 ? [] : [x[broken]!];
  });
  return firsts.length === 0 ? {} : { nonFinite: { first: Math.min(...firsts), runs: firsts.length } };
}

/** Places for {@link band} within a window: the lines' own where all have the same few, otherwise `points` between the ends. */
export function commonPlaces(
  lines: readonly FullLine[],
  { from, to, points, logX }: { from: number; to: number; points: number; logX: boolean },
): Float64Array {
  const [first] = lines;
  if (first === undefined) return new Float64Array();
  const isShared = lines.every(({ x }) => x.length === first.x.length && x.every((value, i) => value === first.x[i]));
  if (isShared && first.x.length <= points) return first.x.filter((x) => x >= from && x <= to);
  let begin = Math.max(from, Math.min(...lines.map(({ x }) => x[0] ?? Number.POSITIVE_INFINITY)));
  const end = Math.min(to, Math.max(...lines.map(({ x }) => x[x.length - 1] ?? Number.NEGATIVE_INFINITY)));
  if (!(end >= begin)) return new Float64Array();
  if (logX) begin = Math.max(begin, end * 1e-9);
  const ratio = logX ? end / begin : 0;
  return Float64Array.from({ length: points }, (_, i) => {
    const share = i / (points - 1);
    return logX ? begin * ratio ** share : begin + share * (end - begin);
  });
}

function interpolate({ x, y }: FullLine, cursor: number, at: number): number {
  if (x.length === 0 || at < x[0]! || at > x[x.length - 1]!) return Number.NaN;
  const left = x[cursor]!;
  if (left === at || cursor + 1 >= x.length) return y[cursor]!;
  const share = (at - left) / (x[cursor + 1]! - left);
  return y[cursor]! + share * (y[cursor + 1]! - y[cursor]!);
}
