import { address } from "../model/address.ts";
import { stepRange } from "../model/link.ts";
import { focused } from "../model/selection.ts";
import { useDetail } from "../model/use-detail.ts";
import { Problems } from "../parts/controls.tsx";
import { NoRun } from "../parts/nothing-chosen.tsx";
import { ZoomedRange } from "../parts/zoomed-range.tsx";
import { EventList } from "./health/event-list.tsx";
import { Facts } from "./health/facts.tsx";
import { LayerHeat } from "./health/layer-heat.tsx";
import { layerGroups } from "./health/layers.ts";
import { RunChart } from "./health/run-chart.tsx";
import { StepTime } from "./health/step-time.tsx";
import { RunHead } from "./run-head.tsx";

/** Charts of one run, by what their metrics' names contain, in this order. */
const charts: readonly { readonly title: string; readonly metrics: RegExp }[] = [
  { title: "Norms of gradients, updates and parameters", metrics: /^(optim|norm|diagnostics)\/.*norm$/ },
  { title: "Learning rate", metrics: /\/learning-rate$/ },
  { title: "Share of the machine's peak (MFU)", metrics: /^time\/mfu$/ },
  { title: "Images per second", metrics: /^time\/images-per-second$/ },
  { title: "Memory", metrics: /^memory\/.*bytes$/ },
];

/** Whether a run trains as it should: attention by layer, norms, where the time of a step goes, use of the machine, what happened. */
export function HealthView() {
  const run = focused.value;
  const { value: detail, error } = useDetail(run);
  if (run === undefined) return <NoRun />;
  const names = detail?.metricNames ?? [];
  const layers = layerGroups(names);
  const inLayers = new Set(layers.flatMap(({ metrics }) => metrics.map(({ name }) => name)));
  return (
    <>
      <RunHead run={run}>
        <ZoomedRange x="step" {...stepRange(address.value)} />
      </RunHead>
      <Problems problems={error === undefined ? (detail?.problems ?? run.problems) : [error]} />
      {detail !== undefined && <Facts run={run} info={detail.info} />}
      {layers.length > 0 && (
        <div class="chart-grid wide">
          {layers.map((group) => (
            <LayerHeat key={run.id + group.title} run={run} group={group} />
          ))}
        </div>
      )}
      <div class="chart-grid wide">
        {names.includes("time/step-ms") && <StepTime run={run} names={names} />}
        {charts.map(({ title, metrics }) => {
          const found = names.filter((name) => metrics.test(name) && !inLayers.has(name));
          return found.length > 0 && <RunChart key={title} run={run} title={title} metrics={found} />;
        })}
      </div>
      {detail !== undefined && layers.length === 0 && (
        <p class="hint">
          This run records nothing by layer, so there is no heat map of its attention;{" "}
          <code>
            stability: {"{"} observeEverySteps: 100 {"}"}
          </code>{" "}
          in its configuration makes it.
        </p>
      )}
      {detail !== undefined && detail.events.length > 0 && <EventList events={detail.events} />}
    </>
  );
}
