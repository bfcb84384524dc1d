import type { Curve, CurvesAnswer, CurvesQuery } from "../../shared/api.ts";
import type { MetricTable } from "../metric-table.ts";
import { axisLength, axisValues, type StepCost } from "./axis.ts";
import { band, type CommonPlaces, commonPlaces, type FullLine, type Member, sampled } from "./band.ts";
import { downsample, type Window } from "./downsample.ts";
import { smoothed } from "./smooth.ts";

/** A run with its metrics at hand. */
export interface ChartRun {
  readonly id: string;
  readonly table: MetricTable;
  readonly cost: StepCost;
}

/** Goes through runs, one after the other and as often as it is called: whoever keeps none holds one table at a time. */
export type ChartRuns = () => AsyncIterable<ChartRun>;

/** A chart that is being drawn: what is kept of the runs that were looked at. */
interface Draft {
  readonly name: string;
  /** Of the longest line: all lines of a chart are smoothed over the same stretch. */
  range: number;
  readonly single: Curve[];
  readonly groups: Map<string, { readonly common: CommonPlaces; at?: Float64Array; readonly members: Member[] }>;
}

/**
 * Answers a query from tables, of which it holds one at a time: it goes through the runs once to see how far their lines go, where smoothing or
 * groups depend on that, and once to draw. Smoothing sees every point, then the window is cut and down-sampled.
 */
export async function curves(query: CurvesQuery, runs: ChartRuns): Promise<CurvesAnswer> {
  const { axis, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, points, logX = false } = query;
  const window: Window = { from, to, points: Math.max(8, points), logX };
  const groupOf = new Map((query.groups ?? []).flatMap(({ name, runs }) => runs.map((run) => [run, name] as const)));
  const drafts = query.metrics.map((name): Draft => ({ name, range: 0, single: [], groups: new Map() }));
  const missing = new Map<string, string>();

  if (query.smoothing > 0 || groupOf.size > 0) {
    for await (const { id, table, cost } of runs()) {
      const group = groupOf.get(id);
      for (const draft of drafts) {
        const series = table.series.get(draft.name);
        if (series === undefined) continue;
        draft.range = Math.max(draft.range, axisLength(table, series, axis, cost));
        const x = group === undefined ? undefined : axisValues(table, series, axis, cost);
        if (group === undefined || x === undefined) continue;
        const known = draft.groups.get(group) ?? { common: commonPlaces(window), members: [] };
        draft.groups.set(group, known);
        known.common.add(x);
      }
    }
  }
  for await (const { id, table, cost } of runs()) {
    for (const draft of drafts) {
      const series = table.series.get(draft.name);
      if (series === undefined) continue;
      const x = axisValues(table, series, axis, cost);
      if (x === undefined) missing.set(id, missingAxis(axis));
      else draw(draft, { id, group: groupOf.get(id) }, { x, y: series.values.values }, { window, ...query });
    }
  }
  return {
    metrics: drafts.map(({ name, single, groups }) => ({
      name,
      curves: single,
      bands: Array.from(groups, ([group, { at = new Float64Array(), members }]) => band(group, at, members)),
    })),
    missing: Array.from(missing, ([run, why]) => ({ run, why })),
  };
}

/** Adds a run's line to a chart: as a line of its own, or to its group. */
function draw(
  { range, single, groups }: Draft,
  { id, group }: { readonly id: string; readonly group: string | undefined },
  { x, y }: FullLine,
  { window, smoothing }: { readonly window: Window; readonly smoothing: number },
): void {
  const smooth = smoothing > 0 ? smoothed(x, y, smoothing, range) : undefined;
  if (group === undefined) {
    single.push(curveOf(id, { x, y }, smooth, window));
    return;
  }
  const known = groups.get(group);
  // A run that began since the first look is drawn with the next answer.
  if (known === undefined) return;
  known.at ??= known.common.places();
  known.members.push(sampled({ x, y: smooth ?? y }, known.at));
}

const missingAxis = (axis: CurvesQuery["axis"]) =>
  axis === "flops" ? "its record does not give FLOPs" : "its record does not give the batch size";

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
