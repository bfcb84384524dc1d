import type { Band } from "../../shared/api.ts";
import { digits, type Window } from "./downsample.ts";

/** A run's line before it is down-sampled. */
export interface FullLine {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** What a group keeps of a run's line: its values at the group's places, and where it stopped being finite. */
export interface Member {
  /** NaN where the line has not been, or has not been finite: it is never continued. */
  readonly values: Float64Array;
  readonly brokenAt: number | undefined;
}

/** A run's line at the places of its group, interpolated between its points. */
export function sampled(line: FullLine, at: Float64Array): Member {
  let cursor = 0;
  const values = at.map((x) => {
    while (cursor + 1 < line.x.length && line.x[cursor + 1]! <= x) cursor++;
    return interpolate(line, cursor, x);
  });
  const broken = line.y.findIndex((value) => !Number.isFinite(value));
  return { values, brokenAt: broken < 0 ? undefined : line.x[broken]! };
}

/** Mean and spread of a group's lines at its places; a line counts only where it has been, and has been finite. */
export function band(group: string, at: Float64Array, members: readonly Member[]): Band {
  const mean: (number | null)[] = [];
  const low: (number | null)[] = [];
  const high: (number | null)[] = [];
  for (let place = 0; place < at.length; place++) {
    const values = members.map(({ values }) => values[place]!).filter(Number.isFinite);
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
  return { group, x: Array.from(at, digits), mean, low, high, runs: members.length, ...brokenLines(members) };
}

/** Where lines are NaN or infinite, if any is: the mean is one of the others from there on. */
function brokenLines(members: readonly Member[]): Pick<Band, "nonFinite"> {
  const firsts = members.flatMap(({ brokenAt }) => (brokenAt === undefined ? [] : [brokenAt]));
  return firsts.length === 0 ? {} : { nonFinite: { first: Math.min(...firsts), runs: firsts.length } };
}

/** Where a group's lines are compared, found from one line after the other. */
export interface CommonPlaces {
  add(x: Float64Array): void;
  /** The lines' own places within the window where all have the same few, otherwise `points` evenly spaced ones between the ends. */
  places(): Float64Array;
}

/** No places yet. */
export function commonPlaces({ from, to, points, logX }: Window): CommonPlaces {
  let shared: Float64Array | undefined;
  let isShared = true;
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    add(x) {
      least = Math.min(least, x[0] ?? Number.POSITIVE_INFINITY);
      greatest = Math.max(greatest, x[x.length - 1] ?? Number.NEGATIVE_INFINITY);
      if (x.length > points) isShared = false;
      else if (shared === undefined) shared = x;
      else isShared &&= x.length === shared.length && x.every((value, i) => value === shared![i]);
    },
    places() {
      if (shared !== undefined && isShared) return shared.filter((x) => x >= from && x <= to);
      let begin = Math.max(from, least);
      const end = Math.min(to, greatest);
      if (!(end >= begin)) return new Float64Array();
      if (logX) begin = Math.max(begin, end * 1e-9);
      const ratio = logX ? end / begin : 0;
      return Float64Array.from({ length: points }, (_, i) => {
        const share = i / (points - 1);
        return logX ? begin * ratio ** share : begin + share * (end - begin);
      });
    },
  };
}

function interpolate({ x, y }: FullLine, cursor: number, at: number): number {
  if (x.length === 0 || at < x[0]! || at > x[x.length - 1]!) return Number.NaN;
  const left = x[cursor]!;
  if (left === at || cursor + 1 >= x.length) return y[cursor]!;
  const share = (at - left) / (x[cursor + 1]! - left);
  return y[cursor]! + share * (y[cursor + 1]! - y[cursor]!);
}
