import { useMemo } from "preact/hooks";
import type { RunSummary } from "../../../shared/api.ts";
import { LineChart } from "../../charts/line-chart.tsx";
import type { Series } from "../../charts/series.ts";
import { address } from "../../model/address.ts";
import { formatDuration } from "../../model/format.ts";
import { stepRange } from "../../model/link.ts";
import { server } from "../../model/server.ts";
import { useAnswer } from "../../model/use-answer.ts";
import { versionOf } from "../../model/version.ts";
import { zoomSteps } from "../../model/zoom.ts";
import { SeriesLegend } from "./run-chart.tsx";

const parts = [
  { metric: "time/step-ms", label: "computing", color: "var(--series-0)" },
  { metric: "time/data-ms", label: "waiting for data", color: "var(--series-1)" },
  { metric: "time/other-ms", label: "the rest", color: "var(--series-9)" },
];

/** Where the time of a step goes: its parts on top of one another. */
export function StepTime({ run, names }: { readonly run: RunSummary; readonly names: readonly string[] }) {
  const { from, to } = stepRange(address.value);
  const present = parts.filter(({ metric }) => names.includes(metric));
  const { value } = useAnswer(versionOf([run]) + present.length, () =>
    // The parts of a row belong together, so they are asked for without cutting any out.
    server.curves({
      runs: [run.id],
      metrics: present.map(({ metric }) => metric),
      axis: "step",
      points: 20_000,
      smoothing: 0,
    }),
  );
  const series = useMemo(() => {
    const below: number[] = [];
    return (value?.metrics ?? []).flatMap(({ name, curves: [curve] }): Series[] => {
      const part = parts.find(({ metric }) => metric === name);
      if (part === undefined || curve === undefined) return [];
      const { x, y } = curve.raw;
      const low = x.map((_, i) => below[i] ?? 0);
      const high = y.map((value, i) => low[i]! + (value ?? 0));
      for (const [i, value] of high.entries()) below[i] = value;
      return [
        { key: name, label: part.label, color: part.color, line: { x, y: high }, band: { low, high }, isStacked: true },
      ];
    });
  }, [value]);
  return (
    <figure class="card" aria-label="Time of a step">
      <figcaption class="card-head">
        <span class="card-title">Time of a step</span>
      </figcaption>
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
