import { useMemo } from "preact/hooks";
import type { RunSummary } from "../../../shared/api.ts";
import { LineChart } from "../../charts/line-chart.tsx";
import type { Series } from "../../charts/series.ts";
import { address } from "../../model/address.ts";
import { formatMetric, formatTick } from "../../model/format.ts";
import { stepRange } from "../../model/link.ts";
import { server } from "../../model/server.ts";
import { useAnswer } from "../../model/use-answer.ts";
import { versionOf } from "../../model/version.ts";
import { zoomSteps } from "../../model/zoom.ts";

/** Some metrics of one run in one chart. */
export function RunChart({
  run,
  title,
  metrics,
}: {
  readonly run: RunSummary;
  readonly title: string;
  readonly metrics: readonly string[];
}) {
  const { from, to } = stepRange(address.value);
  const { value, error } = useAnswer(versionOf([run]) + metrics.join() + from + to, (signal) =>
    server.curves(
      {
        ...{ runs: [run.id], metrics, axis: "step", points: 600, smoothing: 0 },
        ...(from !== null && { from }),
        ...(to !== null && { to }),
      },
      signal,
    ),
  );
  const series = useMemo(
    () =>
      (value?.metrics ?? []).flatMap(({ name, curves }, index): Series[] =>
        curves.map(({ raw, nonFinite }) => ({
          key: name,
          label: name.slice(name.indexOf("/") + 1),
          color: `var(--series-${index % 10})`,
          line: raw,
          ...(nonFinite && { brokenAt: nonFinite.first }),
        })),
      ),
    [value],
  );
  const [first = ""] = metrics;
  return (
    <figure class="card" aria-label={title}>
      <figcaption class="card-head">
        <span class="card-title">{title}</span>
      </figcaption>
      {error !== undefined && <p class="card-note">{error}</p>}
      <LineChart
        {...{ title, series, from, to }}
        axis="step"
        height={200}
        formatY={(value) => formatMetric(first, value)}
        formatTickY={(value) => formatTick(first, value)}
        onZoom={zoomSteps}
      />
      <SeriesLegend series={series} />
    </figure>
  );
}

/** Names of a chart's lines; none where there is one. */
export function SeriesLegend({ series }: { readonly series: readonly Series[] }) {
  if (series.length < 2) return null;
  return (
    <ul class="legend small">
      {series.map(({ key, label, color }) => (
        <li key={key}>
          <span class="swatch" style={{ background: color }} />
          {label}
        </li>
      ))}
    </ul>
  );
}
