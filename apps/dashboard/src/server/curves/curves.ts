import type { Band, Curve, CurvesAnswer, CurvesQuery } from "../../shared/api.ts";
import type { MetricTable } from "../metric-table.ts";
import { axisValues, type StepCost } from "./axis.ts";
import { band, commonPlaces, type FullLine } from "./band.ts";
import { downsample, type Window } from "./downsample.ts";
import { smoothed } from "./smooth.ts";

/** A run with its metrics at hand. */
export interface ChartRun {
  readonly id: string;
  readonly table: MetricTable;
  readonly cost: StepCost;
}

/** Answers a query from tables in memory. Smoothing sees every point, then the window is cut and down-sampled. */
export function curves(query: CurvesQuery, runs: readonly ChartRun[]): CurvesAnswer {
  const {
    axis,
    from = Number.NEGATIVE_INFINITY,
    to = Number.POSITIVE_INFINITY,
    points,
    logX = false,
    smoothing,
  } = query;
  const window: Window = { from, to, points: Math.max(8, points), logX };
  const grouped = new Map((query.groups ?? []).flatMap(({ name, runs }) => runs.map((run) => [run, name] as const)));
  const missing = new Map<string, string>();

  const metrics = query.metrics.map((name) => {
    const single: Curve[] = [];
    const members = new Map<string, FullLine[]>();
    const lines: (FullLine & { readonly id: string })[] = [];
    for (const { id, table, cost } of runs) {
      const series = table.series.get(name);
      if (series === undefined) continue;
      const x = axisValues(table, series, axis, cost);
      if (x === undefined) {
        missing.set(
          id,
          axis === "flops" ? "its record does not give FLOPs" : "its record does not give the batch size",
        );
        continue;
      }
      lines.push({ id, x, y: series.values.values });
    }
    // All lines of a chart are smoothed over the same stretch.
    const range = Math.max(0, ...lines.map(({ x }) => (x.length > 0 ? x[x.length - 1]! - x[0]! : 0)));
    for (const { id, x, y } of lines) {
      const smooth = smoothing > 0 ? smoothed(x, y, smoothing, range) : undefined;
      const group = grouped.get(id);
      if (group === undefined) single.push(curveOf(id, { x, y }, smooth, window));
      else members.set(group, [...(members.get(group) ?? []), { x, y: smooth ?? y }]);
    }
    const bands: Band[] = Array.from(members, ([group, lines]) => band(group, lines, commonPlaces(lines, window)));
    return { name, curves: single, bands };
  });
  return { metrics, missing: Array.from(missing, ([run, why]) => ({ run, why })) };
}

function curveOf(run: string, { x, y }: FullLine, smooth: Float64Array | undefined, window: Window): Curve {
  const broken = y.findIndex((value) => !Number.isFinite(value));
  const curve: Curve = {
    run,
    raw: downsample(x, y, window),
    count: y.length,
    ...(smooth && { smooth: downsample(x, smooth, window) }),
  };
  if (broken < 0) return curve;
  const count = y.reduce((sum, value) => sum + (Number.isFinite(value) ? 0 : 1), 0);
  return { ...curve, nonFinite: { first: x[broken]!, count } };
}
