import type { RunSummary, Scalar } from "../../shared/api.ts";
import { address, go } from "../model/address.ts";
import { betterDirection, cell } from "../model/columns.ts";
import { formatCell, formatMetric, nameWithGroup } from "../model/format.ts";
import { colors, shown } from "../model/selection.ts";
import { Search, Select, Toggle } from "../parts/controls.tsx";
import { NothingChosen } from "../parts/nothing-chosen.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { Status } from "../parts/status.tsx";

/** Shown runs side by side: what their configurations differ in, and their last metrics beside those of a baseline. */
export function CompareView() {
  const list = shown.value;
  const { all, run, metric } = address.value;
  const baseline = list.find(({ id }) => id === run) ?? list[0];
  if (baseline === undefined) return <NothingChosen />;
  const contains = (name: string) => name.toLowerCase().includes(metric.toLowerCase());
  const rows = configRows(list, all).filter(({ key }) => contains(key));
  const metrics = metricNames(list).filter(contains);
  return (
    <>
      <div class="toolbar">
        <Select label="Baseline" value={baseline.id} onChange={(run) => go({ run })}>
          {list.map((one) => (
            <option key={one.id} value={one.id}>
              {nameWithGroup(one)}
            </option>
          ))}
        </Select>
        <Toggle text="equal keys too" value={all} onChange={(all) => go({ all })} />
        <span class="toolbar-gap" />
        <Search
          label="Find keys and metrics"
          placeholder="Find keys"
          value={metric}
          onInput={(metric) => go({ metric })}
        />
      </div>
      <Scroll label="Comparison" class="card flush">
        <table class="compare">
          <caption class="hidden">Configurations and last metrics, a column a run</caption>
          <thead>
            <tr>
              <th scope="col" class="sticky">
                Configuration
              </th>
              {list.map(({ id, name, group, status }) => (
                <th key={id} scope="col">
                  <span class="swatch" style={{ background: colors.value.byRun.get(id) ?? "" }} /> {name}
                  {group !== "" && <small class="dim group-name">{group}</small>}
                  <Status status={status} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.length === 0 && (
              <tr>
                <td colSpan={list.length + 1} class="dim">
                  {metric !== ""
                    ? `No key that differs contains “${metric}”.`
                    : list.length === 1
                      ? "One run differs in nothing; choose another."
                      : "The configurations are equal."}
                </td>
              </tr>
            )}
            {rows.map(({ key, values, differs }) => (
              <tr key={key} class={differs ? "differs" : ""}>
                <th scope="row" class="sticky">
                  {key}
                </th>
                {list.map(({ id }, index) => (
                  <td key={id} class={differs && values[index] !== cell(baseline, `config.${key}`) ? "other" : ""}>
                    {shownValue(key, values[index])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          <tbody>
            <tr class="section-row">
              <th scope="colgroup" colSpan={list.length + 1}>
                Last metrics, and the difference from {baseline.name}
              </th>
            </tr>
            {metrics.map((name) => (
              <tr key={name}>
                <th scope="row" class="sticky">
                  {name}
                </th>
                {list.map((run) => (
                  <td key={run.id}>
                    <MetricCell name={name} run={run} baseline={baseline} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}

/** Whether a difference is for the better, where the metric's name tells. */
function judged(name: string, difference: number): "better" | "worse" | "" {
  const direction = betterDirection(name);
  if (direction === undefined) return "";
  return difference > 0 === (direction === "more") ? "better" : "worse";
}

interface ConfigRow {
  readonly key: string;
  readonly values: readonly (Scalar | undefined)[];
  readonly differs: boolean;
}

function configRows(runs: readonly RunSummary[], all: boolean): ConfigRow[] {
  const keys = new Set(runs.flatMap(({ config }) => Object.keys(config)));
  const rows = Array.from(keys, (key) => {
    const values = runs.map(({ config }) => config[key]);
    return { key, values, differs: values.some((value) => value !== values[0]) };
  });
  return rows.filter(({ differs }) => all || differs).sort((a, b) => Number(b.differs) - Number(a.differs));
}

const metricNames = (runs: readonly RunSummary[]) =>
  [...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)))].sort();

const shownValue = (key: string, value: Scalar | undefined) =>
  value === undefined ? (
    <span class="absent">absent</span>
  ) : value === null ? (
    <span class="absent">none</span>
  ) : (
    formatCell(`config.${key}`, value)
  );

function MetricCell({
  name,
  run,
  baseline,
}: {
  readonly name: string;
  readonly run: RunSummary;
  readonly baseline: RunSummary;
}) {
  const value = run.metrics[name];
  const base = baseline.metrics[name];
  if (value === undefined) return <span class="absent">–</span>;
  const isCompared = value !== null && base !== undefined && base !== null && run.id !== baseline.id;
  const difference = isCompared ? value - base : 0;
  const sign = difference > 0 ? "+" : "−";
  return (
    <>
      {formatMetric(name, value)}
      {difference !== 0 && (
        <small
          class={`delta ${judged(name, difference)}`}
        >{` ${sign}${formatMetric(name, Math.abs(difference))}`}</small>
      )}
    </>
  );
}
