import { Fragment } from "preact";
import type { RunDetail, RunSummary } from "../../shared/api.ts";
import { type Measure, readEvaluation } from "../../shared/evaluation.ts";
import { address, go } from "../model/address.ts";
import { formatMetric } from "../model/format.ts";
import { focused, shown } from "../model/selection.ts";
import { pictureUrl, server } from "../model/server.ts";
import { useAnswer } from "../model/use-answer.ts";
import { useDetail } from "../model/use-detail.ts";
import { versionOf } from "../model/version.ts";
import { Empty, Problems, Segments, Waiting } from "../parts/controls.tsx";
import { NoRun } from "../parts/nothing-chosen.tsx";
import { allButFirst, Table } from "../parts/table.tsx";
import { EvaluationPart } from "./evaluation/evaluation-part.tsx";
import { RunHead } from "./run-head.tsx";

/** Evaluations of one run: their metrics, what a person should see of them, and the same metrics of the other shown runs. */
export function EvaluationsView() {
  const run = focused.value;
  const { value: detail, error } = useDetail(run);
  if (run === undefined) return <NoRun />;
  const names = [...new Set(detail?.evaluations.map(({ name }) => name))];
  const name = names.includes(address.value.evaluation) ? address.value.evaluation : fullest(names);
  return (
    <>
      <RunHead run={run}>
        {name !== undefined && (
          <Segments
            label="Evaluation"
            value={name}
            options={names.map((name) => ({ value: name, text: name }))}
            onChange={(evaluation) => go({ evaluation, step: null, detail: "" })}
          />
        )}
      </RunHead>
      <Problems problems={error === undefined ? [] : [error]} />
      {detail !== undefined && name === undefined && (
        <Empty title="This run has no evaluations">
          The trainer writes one at the steps that the configuration says; <code>vitscale eval</code> adds suites
          afterwards.
        </Empty>
      )}
      {detail !== undefined && name !== undefined && <NamedEvaluation run={run} detail={detail} name={name} />}
    </>
  );
}

/** What there is most to see of: what suites found, whose names go on from that of an evaluation, before its bare losses. */
function fullest(names: readonly string[]): string | undefined {
  return names.find((name) => names.some((other) => name.startsWith(`${other}-`))) ?? names[0];
}

function NamedEvaluation({
  run,
  detail,
  name,
}: {
  readonly run: RunSummary;
  readonly detail: RunDetail;
  readonly name: string;
}) {
  const files = detail.evaluations.filter((file) => file.name === name);
  const file = files.find(({ step }) => step === address.value.step) ?? files.at(-1)!;
  const { value, error } = useAnswer(versionOf([run]) + file.path, () => server.evaluation(run.id, file.path));
  const { metrics, views, measures, notes, plots: named, problems } = readEvaluation(value ?? {});
  const drawn = views.filter(({ kind }) => kind !== "table");
  const tables = views.filter(({ kind }) => kind === "table");
  // Plots that the file names, and others that begin with its name.
  const stem = file.path.replace(/\.json$/, "");
  const isNamed = (path: string) => named.some((plot) => plot.path === path);
  // Pictures in a folder of that name belong to views.
  const others = detail.media.filter(
    ({ path }) => path.startsWith(stem) && !path.startsWith(`${stem}/`) && !isNamed(path),
  );
  const plots = [...named, ...others.map(({ path }) => ({ title: path.slice(path.lastIndexOf("/") + 1), path }))];
  return (
    <>
      {files.length > 1 && (
        <label class="slider wide">
          <span>Step</span>
          <input
            type="range"
            min="0"
            max={files.length - 1}
            value={files.indexOf(file)}
            onInput={(event) => go({ step: files[Number(event.currentTarget.value)]!.step })}
          />
          <output>{file.step}</output>
        </label>
      )}
      <Problems problems={error === undefined ? problems : [error]} />
      {value === undefined && error === undefined && <Waiting text={`Reading ${file.path}`} />}
      {measures !== "" && <p class="hint">{measures}</p>}
      <MetricTiles metrics={metrics} />
      {notes.map((note) => (
        <p key={note} class="hint">
          {note}
        </p>
      ))}
      <div class="evaluation-parts">
        {drawn.map((view) => (
          <EvaluationPart key={view.title} view={view} run={run.id} />
        ))}
        {plots.map(({ title, path }) => (
          <figure key={path} class="card" aria-label={title}>
            <img class="plot-file" src={pictureUrl(run.id, path)} alt={title} loading="lazy" />
          </figure>
        ))}
        {tables.map((view) => (
          <EvaluationPart key={view.title} view={view} run={run.id} />
        ))}
      </div>
      <OtherRuns name={name} />
    </>
  );
}

/** Beyond these the numbers go into a table. */
const mostTiles = 10;

function MetricTiles({ metrics }: { readonly metrics: readonly Measure[] }) {
  const format = ({ name, low, high }: Measure) =>
    low === undefined || high === undefined ? "" : `${formatMetric(name, low)} … ${formatMetric(name, high)}`;
  return (
    <>
      <dl class="tiles" aria-label="Metrics">
        {metrics.slice(0, mostTiles).map((metric) => (
          <div key={metric.name}>
            <dt>
              {metric.name.split("/").map((part, index) => (
                <Fragment key={`${index}`}>
                  {index > 0 && "/"}
                  <wbr />
                  {part}
                </Fragment>
              ))}
            </dt>
            <dd>{formatMetric(metric.name, metric.value)}</dd>
            {metric.low !== undefined && <dd class="interval">{format(metric)}</dd>}
          </div>
        ))}
      </dl>
      {metrics.length > mostTiles && (
        <details class="more-metrics">
          <summary>All {metrics.length} metrics</summary>
          <Table
            title="All metrics"
            columns={["metric", "value", "95 % interval"]}
            isNumber={allButFirst}
            rows={metrics.map((metric) => ({
              key: metric.name,
              cells: [metric.name, formatMetric(metric.name, metric.value), format(metric)],
            }))}
          />
        </details>
      )}
    </>
  );
}

/** The last metrics of this evaluation in every shown run. */
function OtherRuns({ name }: { readonly name: string }) {
  const prefix = `${name}/`;
  const rows = shown.value.filter(({ metrics }) => Object.keys(metrics).some((key) => key.startsWith(prefix)));
  const metrics = [...new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)))].filter((key) =>
    key.startsWith(prefix),
  );
  if (rows.length < 2) return null;
  return (
    <section class="card flush" aria-label={`${name} of the runs shown`}>
      <h2 class="card-head">
        <span class="card-title">{name} of the runs shown</span>
      </h2>
      <Table
        title={`${name} of the runs shown, table`}
        columns={["Run", ...metrics.map((metric) => metric.slice(prefix.length))]}
        isNumber={allButFirst}
        rows={rows.map((row) => ({
          key: row.id,
          cells: [
            <button key="run" type="button" class="run-link" onClick={() => go({ run: row.id, step: null })}>
              {row.name}
            </button>,
            ...metrics.map((metric) => {
              const value = row.metrics[metric];
              return value === undefined ? "" : formatMetric(metric, value);
            }),
          ],
        }))}
      />
    </section>
  );
}
