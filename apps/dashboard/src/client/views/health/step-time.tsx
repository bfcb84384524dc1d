import { useMemo } from "preact/hooks";
import type { RunSummary } from "../../../shared/api.ts";
import { LineChart } from "../../charts/line-chart.tsx";
import { address } from "../../model/address.ts";
import { formatDuration } from "../../model/format.ts";
import { stepRange } from "../../model/link.ts";
import { server } from "../../model/server.ts";
import { useAnswer } from "../../model/use-answer.ts";
import { versionOf } from "../../model/version.ts";
import { zoomSteps } from "../../model/zoom.ts";
import { SeriesLegend } from "./run-chart.tsx";
import { type Part, stackOf } from "./stack.ts";

const parts: readonly Part[] = [
  { metric: "time/step-ms", label: "computing", color: "var(--series-0)" },
  { metric: "time/data-ms", label: "waiting for data", color: "var(--series-1)" },
  { metric: "time/other-ms", label: "the rest", color: "var(--series-9)" },
];

/** Where the time of a step goes: its parts on top of one another. */
export function StepTime({ run, names }: { readonly run: RunSummary; readonly names: readonly string[] }) {
  const { from, to } = stepRange(address.value);
  const present = parts.filter(({ metric }) => names.includes(metric));
  const { value, error } = useAnswer(versionOf([run]) + present.length, () =>
    // Every row while they are few, means over the same stretches of steps where they are many.
    server.heat({ run: run.id, metrics: present.map(({ metric }) => metric), axis: "step", columns: 20_000 }),
  );
  const series = useMemo(() => (value === undefined ? [] : stackOf(parts, value)), [value]);
  return (
    <figure class="card" aria-label="Time of a step">
      <figcaption class="card-head">
        <span class="card-title">Time of a step</span>
      </figcaption>
      {error !== undefined && <p class="card-note">{error}</p>}
      <LineChart
        {...{ series, from, to }}
        title="Time of a step"
        axis="step"
        height={200}
        formatY={(ms) => formatDuration(ms / 1000)}
        onZoom={zoomSteps}
        startAtZero
      />
      <SeriesLegend series={series} />
    </figure>
  );
}
