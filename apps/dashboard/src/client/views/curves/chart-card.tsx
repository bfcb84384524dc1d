import { useRef } from "preact/hooks";
import { LineChart } from "../../charts/line-chart.tsx";
import { useSeen } from "../../charts/use-size.ts";
import { address, go } from "../../model/address.ts";
import { formatMetric, formatTick } from "../../model/format.ts";
import { zoom } from "../../model/zoom.ts";
import { Icon } from "../../parts/icon.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { useCurves } from "./use-curves.ts";

/** The chart of a metric in the grid; it asks for its lines when it comes near the visible part of the page. */
export function ChartCard({ metric }: { readonly metric: string }) {
  const [ref, isSeen] = useSeen<HTMLElement>();
  const { x, logX, logY, from, to } = address.value;
  const { series, error, missing, isWaiting } = useCurves(metric, isSeen);
  const chart = useRef<HTMLDivElement>(null);
  const [only] = series;
  const last = series.length === 1 ? only?.line.y.findLast((value) => value !== null) : undefined;
  return (
    <figure class={isWaiting && series.length === 0 ? "card waiting" : "card"} ref={ref} aria-label={metric}>
      <figcaption class="card-head">
        <span class="card-title" title={metric}>
          {metric}
        </span>
        {last !== undefined && last !== null && (
          <span class="card-value" title={only?.isSmoothed ? "Last value, smoothed" : "Last value"}>
            {formatMetric(metric, last)}
            {only?.isSmoothed && <small> smoothed</small>}
          </span>
        )}
        <span class="card-actions">
          <ExportMenu metric={metric} series={series} chart={chart} />
          <button
            type="button"
            class="icon-button"
            aria-label={`Enlarge ${metric}`}
            title="Enlarge"
            onClick={() => go({ open: metric }, { remember: true })}
          >
            <Icon name="expand" />
          </button>
        </span>
      </figcaption>
      <div ref={chart}>
        <LineChart
          {...{ series, logX, logY, from, to }}
          title={metric}
          axis={x}
          height={208}
          formatY={(value) => formatMetric(metric, value)}
          formatTickY={(value) => formatTick(metric, value)}
          onZoom={zoom}
        />
      </div>
      {error !== undefined && <p class="card-note">{error}</p>}
      {missing > 0 && (
        <p class="card-note">{missing === 1 ? "One run does" : `${missing} runs do`} not record this axis.</p>
      )}
    </figure>
  );
}
