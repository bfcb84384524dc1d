import type { Line, RunSummary } from "../../../shared/api.ts";
import { Sparkline } from "../../charts/sparkline.tsx";
import { address, go } from "../../model/address.ts";
import { type Column, cell } from "../../model/columns.ts";
import { formatAgo, formatCell, formatDuration } from "../../model/format.ts";
import { chooseAll } from "../../model/selection.ts";
import { annotate } from "../../model/server.ts";
import { Icon } from "../../parts/icon.tsx";
import { Name } from "../../parts/name.tsx";
import { Progress, Status } from "../../parts/status.tsx";
import { NoteButton } from "./note.tsx";

/** A run in the table. Only the row itself is reached by Tab; its keys do what its buttons do. */
export function RunRow(props: {
  readonly run: RunSummary;
  readonly index: number;
  readonly columns: readonly Column[];
  readonly curve: Line | undefined;
  /** The best value of each column that has one. */
  readonly best: ReadonlyMap<Column, number | undefined>;
  readonly active: number;
  readonly setActive: (index: number) => void;
}) {
  const { run, index, columns, curve, best, active, setActive } = props;
  const isChosen = address.value.runs.includes(run.id);
  const took = run.started === null || run.updated === null ? undefined : Math.max(0, run.updated - run.started) / 1000;
  return (
    <tr
      data-row={index}
      tabIndex={index === active ? 0 : -1}
      aria-selected={isChosen}
      aria-rowindex={index + 2}
      class={isChosen ? "chosen" : ""}
      onFocus={() => setActive(index)}
    >
      <td class="mark">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Choose ${run.name}`}
          checked={isChosen}
          onChange={() => chooseAll([run])}
        />
        <button
          type="button"
          tabIndex={-1}
          class={run.star ? "star starred" : "star"}
          aria-pressed={run.star}
          aria-label={`Star ${run.name}`}
          onClick={() => annotate(run, { star: !run.star })}
        >
          <Icon name="star" filled={run.star} />
        </button>
      </td>
      <td class="sticky name">
        <button
          type="button"
          tabIndex={-1}
          class="run-link"
          title={run.id}
          onClick={() => go({ view: "curves", runs: [run.id] })}
        >
          <Name text={run.name} />
        </button>
        {run.group !== "" && <span class="run-group">{run.group}</span>}
        {run.problems.length > 0 && (
          <span class="warning" title={run.problems.join("\n")}>
            <Icon name="warning" />
            <span class="hidden">{run.problems.join("; ")}</span>
          </span>
        )}
      </td>
      <td>
        <span class="status-cell">
          <Status status={run.status} />
          {run.status !== "finished" && run.status !== "unreadable" && <Progress run={run} />}
        </span>
      </td>
      <td class="spark">
        <Sparkline data={curve} color="var(--accent)" />
      </td>
      <td class="number dim">{run.updated === null ? "" : formatAgo(run.updated)}</td>
      <td class="number dim">{took === undefined ? "" : formatDuration(took)}</td>
      {columns.map((column) => (
        <ValueCell key={column} column={column} value={cell(run, column)} best={best.get(column)} />
      ))}
      <td class="note">
        <NoteButton run={run} />
      </td>
    </tr>
  );
}

function ValueCell(props: {
  readonly column: Column;
  readonly value: ReturnType<typeof cell>;
  readonly best: number | undefined;
}) {
  const { column, value, best } = props;
  const isNumber = typeof value === "number";
  const isBest = isNumber && best === value;
  return (
    <td class={`${isNumber ? "number" : ""}${isBest ? " best" : ""}`} title={value === undefined ? "" : `${value}`}>
      {formatCell(column, value)}
    </td>
  );
}
