import { area, line } from "d3-shape";
import type { Band, Line } from "../../shared/api.ts";
import { extentOf, type Scale, scale } from "./scales.ts";

/** A line of a chart. */
export interface Series {
  readonly key: string;
  readonly label: string;
  /** Any CSS colour. */
  readonly color: string;
  readonly line: Line;
  /** The line is an average over what was recorded. */
  readonly isSmoothed?: boolean;
  /** The line before smoothing, faint behind it. */
  readonly raw?: Line;
  /** A band around the line. */
  readonly band?: { readonly low: readonly (number | null)[]; readonly high: readonly (number | null)[] };
  /** The band is this line's part of a sum, the line its upper edge. */
  readonly isStacked?: boolean;
  /** Where values stopped being numbers. */
  readonly brokenAt?: number;
}

/** A group's mean with its band; its label says how many runs it has, and how many of them stopped being numbers. */
export function seriesOfBand(
  { group, x, mean, low, high, runs, nonFinite }: Band,
  { color, isSmoothed }: { readonly color: string; readonly isSmoothed: boolean },
): Series {
  const broken = nonFinite === undefined ? "" : `, ${nonFinite.runs} not finite`;
  return {
    key: group,
    label: runs > 1 || nonFinite ? `${group} (${runs}${broken})` : group,
    color,
    isSmoothed,
    line: { x, y: mean },
    ...(runs > 1 && { band: { low, high } }),
    ...(nonFinite && { brokenAt: nonFinite.first }),
  };
}

/** The part of a page that lines are drawn in, and how. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly logX: boolean;
  readonly logY: boolean;
  /** The visible range of x; what the lines have by default. */
  readonly from: number | null | undefined;
  readonly to: number | null | undefined;
  readonly startAtZero: boolean;
}

/** Scales that show the visible part of all lines. */
export function scalesOf(series: readonly Series[], frame: Frame): { readonly x: Scale; readonly y: Scale } {
  const { left, right, top, bottom, logX, logY, from, to, startAtZero } = frame;
  const all = extentOf(
    series.map(({ line }) => line.x),
    logX,
  ) ?? [0, 1];
  const x = scale([from ?? all[0], to ?? all[1]], [left, Math.max(left + 1, right)], logX);
  const inside = (values: readonly (number | null)[], xs: readonly number[]) =>
    values.filter((_, i) => xs[i]! >= x.domain[0] && xs[i]! <= x.domain[1]);
  const visible = series.flatMap(({ line, band, raw }) => [
    inside(line.y, line.x),
    ...(band ? [inside(band.low, line.x), inside(band.high, line.x)] : []),
    // Noise may leave the plot, its bulk may not.
    ...(raw ? [bulk(inside(raw.y, raw.x))] : []),
  ]);
  const [low, high] = extentOf(visible, logY) ?? [0, 1];
  return { x, y: scale([startAtZero ? Math.min(0, low) : low, high], [bottom, top], logY, true) };
}

/** A line as the paths of an SVG, to a tenth of a pixel. */
export function pathsOf({ line: smooth, raw, band }: Series, x: Scale, y: Scale) {
  const tenth = (pixel: number) => Math.round(10 * pixel) / 10;
  const path = ({ x: xs, y: ys }: Line) =>
    line<number>()
      .defined((i) => ys[i] !== null && !(y.isLog && ys[i]! <= 0))
      .x((i) => tenth(x(xs[i]!)))
      .y((i) => tenth(y(ys[i]!)))(indices(xs.length)) ?? "";
  const bandPath =
    band &&
    area<number>()
      .defined((i) => band.low[i] !== null)
      .x((i) => tenth(x(smooth.x[i]!)))
      .y0((i) => tenth(y(band.low[i]!)))
      .y1((i) => tenth(y(band.high[i]!)))(indices(smooth.x.length));
  return { path: path(smooth), rawPath: raw && path(raw), bandPath: bandPath ?? undefined };
}

/** The lines in words, for those who do not see them. */
export function describe(series: readonly Series[], format: (value: number) => string): string {
  const parts = series.slice(0, 6).map(({ label, line, isSmoothed }) => {
    const last = line.y.findLast((value) => value !== null);
    return `${label} ${last === undefined || last === null ? "without values" : `ends${isSmoothed ? ", smoothed," : ""} at ${format(last)}`}`;
  });
  const more = series.length > 6 ? `, and ${series.length - 6} more` : "";
  return series.length === 0 ? "no values" : parts.join(", ") + more;
}

const indices = (length: number) => Array.from({ length }, (_, i) => i);

/** Values between the 2nd and the 98th hundredth: a spike of the raw line must not flatten the smoothed one. */
function bulk(values: readonly (number | null)[]): number[] {
  const sorted = values.filter((value): value is number => value !== null).sort((a, b) => a - b);
  const cut = Math.floor(sorted.length * 0.02);
  return sorted.slice(cut, sorted.length - cut);
}
