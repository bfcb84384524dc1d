import { useMemo } from "preact/hooks";
import { LineChart } from "../../charts/line-chart.tsx";
import { seriesOfBand } from "../../charts/series.ts";
import { address, go } from "../../model/address.ts";
import { formatMetric, formatTick } from "../../model/format.ts";
import { groupRuns } from "../../model/groups.ts";
import { runs as known, server } from "../../model/server.ts";
import { useAnswer } from "../../model/use-answer.ts";
import { Select } from "../../parts/controls.tsx";
import { SeriesLegend } from "../health/run-chart.tsx";

/** The curves behind a claim: its runs, seeds joined to a mean with its band. */
export function ClaimCurves({ runs }: { readonly runs: readonly string[] }) {
  const present = runs.flatMap((id) => known.value.get(id) ?? []);
  const ids = present.map(({ id }) => id);
  const names = useAnswer(ids.length > 0 ? ids.join() : undefined, () => server.metricNames(ids));
  const metrics = (names.value ?? []).map(({ name }) => name);
  const { curve } = address.value;
  const metric =
    metrics.find((name) => name === curve) ??
    metrics.find((name) => name === "train/loss") ??
    metrics.find((name) => name.startsWith("time/")) ??
    metrics[0] ??
    "";
  const groups = groupRuns(present, "seed");
  const smoothing = metric.startsWith("time/") ? 0 : 0.97;
  const { value } = useAnswer(metric === "" ? undefined : metric + ids.join(), (signal) =>
    server.curves(
      {
        ...{
          runs: ids,
          metrics: [metric],
          axis: "step",
          points: 300,
          smoothing,
        },
        groups: groups.map(({ name, runs }) => ({ name, runs: runs.map(({ id }) => id) })),
      },
      signal,
    ),
  );
  const series = useMemo(
    () =>
      (value?.metrics[0]?.bands ?? []).map((band, index) =>
        seriesOfBand(band, { color: `var(--series-${index % 10})`, isSmoothed: smoothing > 0 }),
      ),
    [value],
  );
  if (runs.length === 0) return null;
  if (ids.length === 0) return <p class="hint">The runs behind this claim are not in the folder that is served.</p>;
  return (
    <figure class="card" aria-label={`Curves of ${metric}`}>
      <figcaption class="card-head">
        <Select label="Curve" value={metric} onChange={(curve) => go({ curve })}>
          {metrics.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
        <button type="button" class="button" onClick={() => go({ view: "curves", runs: ids, group: "seed" })}>
          All curves of these {ids.length} runs
        </button>
      </figcaption>
      <LineChart
        title={metric || "curve"}
        series={series}
        axis="step"
        height={240}
        formatY={(value) => formatMetric(metric, value)}
        formatTickY={(value) => formatTick(metric, value)}
      />
      <SeriesLegend series={series} />
    </figure>
  );
}
