import { useEffect } from "preact/hooks";
import type { Axis } from "../../shared/api.ts";
import { address, go } from "../model/address.ts";
import { colors, groups, shown } from "../model/selection.ts";
import { server } from "../model/server.ts";
import { useAnswer } from "../model/use-answer.ts";
import { versionOf } from "../model/version.ts";
import { ColorSelect, GroupSelect } from "../parts/column-select.tsx";
import { Empty, Problems, Search, Select, Toggle } from "../parts/controls.tsx";
import { NothingChosen } from "../parts/nothing-chosen.tsx";
import { ZoomedRange } from "../parts/zoomed-range.tsx";
import { ChartCard } from "./curves/chart-card.tsx";
import { LargeChart } from "./curves/large-chart.tsx";
import { sectionsOf } from "./curves/sections.ts";

const axes: readonly { value: Axis; text: string }[] = [
  { value: "step", text: "Steps" },
  { value: "examples", text: "Examples" },
  { value: "time", text: "Time" },
  { value: "flops", text: "FLOPs" },
];

/** Curves of the shown runs, a chart a metric; all charts share x. */
export function CurvesView() {
  const { metric, open } = address.value;
  const ids = shown.value.map(({ id }) => id);
  const names = useAnswer(ids.length > 0 ? versionOf(shown.value) : undefined, () => server.metricNames(ids));
  useEffect(() => {
    if (open === "") return;
    const close = (event: KeyboardEvent) => event.key === "Escape" && go({ open: "" }, { remember: true });
    document.addEventListener("keydown", close);
    return () => document.removeEventListener("keydown", close);
  }, [open]);
  const sections = sectionsOf(
    (names.value ?? []).map(({ name }) => name),
    metric,
  );

  return (
    <>
      <CurvesToolbar />
      <Legend />
      <Problems
        problems={shown.value.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`))}
      />
      {names.error !== undefined && <Problems problems={[names.error]} />}
      {open !== "" ? (
        <LargeChart metric={open} />
      ) : (
        sections.map(({ title, metrics }) => (
          <section key={title} class="chart-section" aria-label={title}>
            <h2>
              {title} <span class="count">{metrics.length}</span>
            </h2>
            <div class="chart-grid">
              {metrics.map((name) => (
                <ChartCard key={name} metric={name} />
              ))}
            </div>
          </section>
        ))
      )}
      {ids.length === 0 && <NothingChosen />}
      {ids.length > 0 && open === "" && names.value !== undefined && sections.length === 0 && (
        <Empty title={metric === "" ? "These runs have no metrics yet" : `No metric is called “${metric}”`}>
          {metric === "" ? (
            "The first row is drawn as soon as it is written."
          ) : (
            <button type="button" class="link" onClick={() => go({ metric: "" })}>
              Show all {names.value.length} metrics
            </button>
          )}
        </Empty>
      )}
    </>
  );
}

function CurvesToolbar() {
  const { x, logX, logY, smoothing, metric, from, to } = address.value;
  return (
    <div class="toolbar">
      <Select label="x" value={x} onChange={(x) => go({ x: x as Axis, from: null, to: null })}>
        {axes.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </Select>
      <Toggle text="log x" value={logX} onChange={(logX) => go({ logX })} />
      <Toggle text="log y" value={logY} onChange={(logY) => go({ logY })} />
      <label class="slider">
        <span>Smoothing</span>
        <input
          type="range"
          min="0"
          max="0.995"
          step="0.005"
          value={smoothing}
          onInput={(event) => go({ smoothing: Number(event.currentTarget.value) })}
        />
        <output>{smoothing.toFixed(2)}</output>
      </label>
      <GroupSelect />
      <ColorSelect />
      <ZoomedRange {...{ x, from, to }} />
      <span class="toolbar-gap" />
      <Search label="Find metrics" placeholder="Find metrics" value={metric} onInput={(metric) => go({ metric })} />
    </div>
  );
}

/** The groups, or the values that colours stand for; single runs have their colours in the list beside. */
function Legend() {
  const { byGroup, legend } = colors.value;
  const entries =
    groups.value.length > 0
      ? groups.value.map(({ name, runs }) => ({
          label: runs.length > 1 ? `${name} (${runs.length})` : name,
          color: byGroup.get(name)!,
        }))
      : legend;
  if (entries.length === 0) return null;
  return (
    <ul class="legend" aria-label="Legend">
      {entries.slice(0, 40).map(({ label, color }) => (
        <li key={label}>
          <span class="swatch" style={{ background: color }} />
          {label}
        </li>
      ))}
      {entries.length > 40 && <li class="dim">and {entries.length - 40} more</li>}
    </ul>
  );
}
