import { useRef } from "preact/hooks";
import { LineChart } from "../../charts/line-chart.tsx";
import { extentOf } from "../../charts/scales.ts";
import type { Series } from "../../charts/series.ts";
import { address, go } from "../../model/address.ts";
import { formatMetric, formatTick } from "../../model/format.ts";
import { zoom } from "../../model/zoom.ts";
import { Icon } from "../../parts/icon.tsx";
import { allButFirst, Table } from "../../parts/table.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { useCurves } from "./use-curves.ts";

const axisLabels = { step: "steps", examples: "training examples", time: "time of training", flops: "model FLOPs" };

/** One metric over the whole view, with the numbers of every line beneath. */
export function LargeChart({ metric }: { readonly metric: string }) {
  const { x, logX, logY, from, to } = address.value;
  const { series, error } = useCurves(metric, true, 1600);
  const chart = useRef<HTMLDivElement>(null);
  return (
    <figure class="card large" aria-label={metric}>
      <figcaption class="card-head">
        <button type="button" class="button" onClick={() => go({ open: "" }, { remember: true })}>
          <Icon name="left" /> All charts
        </button>
        <span class="card-title">{metric}</span>
        <span class="card-actions always">
          <ExportMenu metric={metric} series={series} chart={chart} />
        </span>
      </figcaption>
      <div ref={chart}>
        <LineChart
          {...{ series, logX, logY, from, to }}
          title={metric}
          axis={x}
          height={Math.max(300, Math.min(560, window.innerHeight - 340))}
          formatY={(value) => formatMetric(metric, value)}
          formatTickY={(value) => formatTick(metric, value)}
          xLabel={axisLabels[x]}
          onZoom={zoom}
        />
      </div>
      {error !== undefined && <p class="card-note">{error}</p>}
      <LinesTable metric={metric} series={series} />
    </figure>
  );
}

/** The last point of each line, and how far its recorded values go; of means over groups, how far the mean goes. */
function LinesTable({ metric, series }: { readonly metric: string; readonly series: readonly Series[] }) {
  const format = (value: number | null | undefined) =>
    value === null || value === undefined ? "" : formatMetric(metric, value);
  const isSmoothed = series.some((one) => one.isSmoothed);
  const hasRaw = series.every(({ raw }) => raw !== undefined);
  const rows = series.map(({ key, label, color, line, raw }) => {
    const [least, greatest] = extentOf([hasRaw && raw ? raw.y : line.y]) ?? [];
    const name = (
      <>
        <span class="swatch" style={{ background: color }} /> {label}
      </>
    );
    return {
      key,
      cells: [name, format(line.y.findLast((value) => value !== null)), format(least), format(greatest)],
    };
  });
  const ends = isSmoothed && !hasRaw ? ["least, smoothed", "greatest, smoothed"] : ["least", "greatest"];
  const columns = ["Run", isSmoothed ? "last, smoothed" : "last", ...ends];
  return <Table title={`Numbers of ${metric}`} columns={columns} isNumber={allButFirst} rows={rows} />;
}
