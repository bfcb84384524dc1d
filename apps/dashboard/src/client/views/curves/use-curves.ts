import type { CurvesQuery, Line } from "../../../shared/api.ts";
import { type Series, seriesOfBand } from "../../charts/series.ts";
import { address } from "../../model/address.ts";
import { colors, groups, shown } from "../../model/selection.ts";
import { runs, server } from "../../model/server.ts";
import { useAnswer } from "../../model/use-answer.ts";
import { versionOf } from "../../model/version.ts";

/** The lines of a metric as the page is set: axis, smoothing, groups, range. */
export interface MetricLines {
  readonly series: readonly Series[];
  readonly error: string | undefined;
  readonly missing: number;
  readonly isWaiting: boolean;
}

/** Points that all the lines of one chart have together at most: what a browser draws without a pause. */
const pointsOfChart = 24_000;

/** What follows from the step without noise: an average would only shift it. */
const isExact = /\/(learning-rate|epoch|examples)$/;

/** Asks for the lines of a metric while `isWanted`, and again when runs grow, and at a finer resolution when the range narrows. */
export function useCurves(metric: string, isWanted: boolean, pointsOfLine = 600): MetricLines {
  const { x: axis, logX, smoothing, from, to } = address.value;
  const ids = shown.value.map(({ id }) => id);
  // A group of one run is drawn as that run.
  const joined = groups.value.filter(({ runs }) => runs.length > 1);
  const query: CurvesQuery = {
    runs: ids,
    metrics: [metric],
    axis,
    logX,
    smoothing: isExact.test(metric) ? 0 : smoothing,
    points: Math.max(40, Math.min(pointsOfLine, Math.floor(pointsOfChart / Math.max(1, ids.length)))),
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    ...(joined.length > 0 && { groups: joined.map(({ name, runs }) => ({ name, runs: runs.map(({ id }) => id) })) }),
  };
  const key = isWanted && ids.length > 0 ? JSON.stringify(query) + versionOf(shown.value) : undefined;
  const { value, error, isWaiting } = useAnswer(key, (signal) => server.curves(query, signal));
  return { series: seriesOf(value, query.smoothing > 0), error, missing: value?.missing.length ?? 0, isWaiting };
}

/** Whether smoothing changed a line by more than is shown: a few evaluations stay what they are. */
function isOther(smooth: Line, raw: Line): boolean {
  const differs = (a: number | null, b: number | null | undefined) =>
    Math.abs((a ?? 0) - (b ?? 0)) > 1e-4 * Math.abs(a ?? 0);
  return smooth.y.length !== raw.y.length || smooth.y.some((value, i) => differs(value, raw.y[i]));
}

type Answer = Awaited<ReturnType<typeof server.curves>> | undefined;
const known = new WeakMap<object, { readonly series: readonly Series[]; readonly colors: unknown }>();

/** Lines of an answer; the same list for the same answer and colours, so that charts are drawn only when something changed. */
function seriesOf(answer: Answer, isSmoothed: boolean): readonly Series[] {
  const [metric] = answer?.metrics ?? [];
  if (answer === undefined || metric === undefined) return [];
  const before = known.get(answer);
  if (before?.colors === colors.value) return before.series;
  const { byRun, byGroup } = colors.value;
  const single = metric.curves.map(
    ({ run, raw, smooth, nonFinite }): Series => ({
      key: run,
      label: runs.value.get(run)?.name ?? run,
      color: byRun.get(run) ?? "var(--series-9)",
      line: smooth ?? raw,
      ...(smooth && { raw, isSmoothed: isOther(smooth, raw) }),
      ...(nonFinite && { brokenAt: nonFinite.first }),
    }),
  );
  const bands = metric.bands.map((band) =>
    seriesOfBand(band, { color: byGroup.get(band.group) ?? "var(--series-9)", isSmoothed }),
  );
  const series = [...bands, ...single];
  known.set(answer, { series, colors: colors.value });
  return series;
}
