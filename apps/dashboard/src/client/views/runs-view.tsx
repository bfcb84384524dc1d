import { useMemo, useRef, useState } from "preact/hooks";
import type { RunSummary } from "../../shared/api.ts";
import { address, go } from "../model/address.ts";
import { betterDirection, type Column, cell, columnTitle, usualColumns } from "../model/columns.ts";
import { filterProblems } from "../model/filter.ts";
import { groupRuns } from "../model/groups.ts";
import { chooseAll, listed } from "../model/selection.ts";
import { annotate, runs, server } from "../model/server.ts";
import { useAnswer } from "../model/use-answer.ts";
import { versionOf } from "../model/version.ts";
import { Empty } from "../parts/controls.tsx";
import { GroupRow } from "./runs/group-row.tsx";
import { RunRow } from "./runs/run-row.tsx";
import { RunsToolbar } from "./runs/toolbar.tsx";

const rowHeight = 44;
/** Of the curve in each row. */
const sparkMetric = "train/loss";

/** A row of the table: a run, or the heading of the group that begins here. */
type Row =
  | { readonly kind: "run"; readonly run: RunSummary }
  | { readonly kind: "group"; readonly name: string; readonly runs: readonly RunSummary[] };

/** The table of runs: configuration and last metrics as columns. Only the rows in sight are drawn. */
export function RunsView() {
  const { columns: arranged, group, sort } = address.value;
  const list = listed.value;
  const usual = useMemo(() => usualColumns(Array.from(runs.value.values())), [runs.value]);
  const columns = arranged.length > 0 ? arranged : usual;
  const rows = useMemo((): Row[] => {
    if (group === "") return list.map((run) => ({ kind: "run", run }));
    return groupRuns(list, group).flatMap(({ name, runs }): Row[] => [
      // A heading over one row says nothing.
      ...(runs.length > 1 ? [{ kind: "group" as const, name, runs }] : []),
      ...runs.map((run) => ({ kind: "run" as const, run })),
    ]);
  }, [list, group]);

  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [active, setActive] = useState(0);
  const height = box.current?.clientHeight ?? window.innerHeight;
  const first = Math.max(0, Math.floor(top / rowHeight) - 8);
  const inSight = rows.slice(first, first + Math.ceil(height / rowHeight) + 16);
  const sparkRuns = inSight.flatMap((row) => (row.kind === "run" ? row.run : []));
  const sparks = useAnswer(sparkRuns.length > 0 ? versionOf(sparkRuns) : undefined, (signal) =>
    server.curves(
      { runs: sparkRuns.map(({ id }) => id), metrics: [sparkMetric], axis: "step", points: 48, smoothing: 0.98 },
      signal,
    ),
  );
  const curveOf = useMemo(
    () => new Map(sparks.value?.metrics[0]?.curves.map(({ run, raw, smooth }) => [run, smooth ?? raw])),
    [sparks.value],
  );
  const best = useMemo(() => new Map(columns.map((column) => [column, bestValue(list, column)])), [columns, list]);

  const focusRow = (index: number) => {
    const next = Math.min(rows.length - 1, Math.max(0, index));
    setActive(next);
    const at = next * rowHeight;
    const view = box.current!;
    const head = rowHeight;
    if (at < view.scrollTop) view.scrollTop = at;
    else if (at + rowHeight + head > view.scrollTop + view.clientHeight)
      view.scrollTop = at + rowHeight + head - view.clientHeight;
    requestAnimationFrame(() => view.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus());
  };
  const keys = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (target.closest("input, textarea, .popover-panel") || event.ctrlKey || event.metaKey) return;
    const row = rows[active];
    const run = row?.kind === "run" ? row.run : undefined;
    const page = Math.max(1, Math.floor(height / rowHeight) - 2);
    const actions: Record<string, () => void> = {
      ArrowDown: () => focusRow(active + 1),
      ArrowUp: () => focusRow(active - 1),
      PageDown: () => focusRow(active + page),
      PageUp: () => focusRow(active - page),
      Home: () => focusRow(0),
      End: () => focusRow(rows.length - 1),
      " ": () => row && chooseAll(row.kind === "group" ? row.runs : [row.run]),
      Enter: () => run && go({ view: "curves", runs: address.value.runs.length > 0 ? address.value.runs : [run.id] }),
      s: () => run && annotate(run, { star: !run.star }),
      n: () => box.current?.querySelector<HTMLElement>(`[data-row="${active}"] .note-button`)?.click(),
    };
    const action = actions[event.key];
    if (action === undefined || (target.matches("button, a") && (event.key === " " || event.key === "Enter"))) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };

  const header = (column: Column, title: string, more = "") => {
    const direction = sort === column ? "ascending" : sort === `-${column}` ? "descending" : undefined;
    return (
      <th scope="col" class={more} {...(direction && { "aria-sort": direction })} key={column}>
        <button type="button" title={title} onClick={() => go({ sort: nextSort(sort, column) })}>
          <span class="th-text">{title}</span>
          <span class="sort-mark" aria-hidden="true">
            {direction === "ascending" ? "↑" : direction === "descending" ? "↓" : ""}
          </span>
        </button>
      </th>
    );
  };

  return (
    <>
      <RunsToolbar columns={columns} />
      {list.length === 0 ? (
        <Empty title="No run passes the filter">
          {filterProblems(address.value.filter, Array.from(runs.value.values())).map((problem) => (
            <span key={problem} class="filter-problem">
              {problem}{" "}
            </span>
          ))}
          <button type="button" class="link" onClick={() => go({ filter: "" })}>
            Show all {runs.value.size} runs
          </button>
        </Empty>
      ) : (
        <div class="table-box" ref={box} onScroll={(event) => setTop(event.currentTarget.scrollTop)} onKeyDown={keys}>
          <table class="runs" role="grid" aria-label="Runs" aria-rowcount={rows.length + 1}>
            <thead>
              <tr>
                <th scope="col" class="mark">
                  <span class="hidden">Chosen, starred</span>
                </th>
                {header("name", "Run", "sticky")}
                {header("status", "Status")}
                <th scope="col" class="spark" title={sparkMetric}>
                  <span class="th-text">Curve</span>
                </th>
                {header("updated", "Updated", "number")}
                {header("duration", "Took", "number")}
                {columns.map((column) => header(column, columnTitle(column), isNumeric(list, column) ? "number" : ""))}
                <th scope="col">
                  <span class="th-text">Note</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {first > 0 && <tr aria-hidden="true" style={{ height: `${first * rowHeight}px` }} />}
              {inSight.map((row, offset) => {
                const index = first + offset;
                if (row.kind === "group")
                  return <GroupRow key={`group ${row.name}`} {...{ row, index, columns, active, setActive }} />;
                return (
                  <RunRow
                    key={row.run.id}
                    {...{ index, columns, active, setActive, best }}
                    run={row.run}
                    curve={curveOf.get(row.run.id)}
                  />
                );
              })}
              <tr
                aria-hidden="true"
                style={{ height: `${Math.max(0, rows.length - first - inSight.length) * rowHeight}px` }}
              />
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

/** A press sorts up, the next one down, the third as at the start. */
function nextSort(sort: string, column: Column): string {
  if (sort === column) return `-${column}`;
  if (sort === `-${column}`) return "-updated";
  return column;
}

const isNumeric = (list: readonly RunSummary[], column: Column) =>
  typeof list.map((run) => cell(run, column)).find((value) => value !== undefined && value !== null) === "number";

/** The best value of a metric whose good direction is known by its name. */
function bestValue(list: readonly RunSummary[], column: Column): number | undefined {
  if (!column.startsWith("metric.")) return undefined;
  const values = list.map((run) => cell(run, column)).filter((value): value is number => typeof value === "number");
  if (values.length < 3) return undefined;
  const better = betterDirection(column);
  if (better === undefined) return undefined;
  return better === "less" ? Math.min(...values) : Math.max(...values);
}
