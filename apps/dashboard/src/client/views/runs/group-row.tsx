import type { RunSummary } from "../../../shared/api.ts";
import { go } from "../../model/address.ts";
import { type Column, cell } from "../../model/columns.ts";
import { formatDeviation, formatMetric } from "../../model/format.ts";

/**
 * The heading of a group in the table: how many runs it has, and mean ± standard deviation of their numbers. A mean of those that are left
 * would pass for one of all, so there is none where a run's last value is not finite: their number stands instead.
 */
export function GroupRow(props: {
  readonly row: { readonly name: string; readonly runs: readonly RunSummary[] };
  readonly index: number;
  readonly columns: readonly Column[];
  readonly active: number;
  readonly setActive: (index: number) => void;
}) {
  const { row, index, columns, active, setActive } = props;
  return (
    <tr
      class="group-row"
      data-row={index}
      tabIndex={index === active ? 0 : -1}
      aria-rowindex={index + 2}
      onFocus={() => setActive(index)}
    >
      <td class="mark" />
      <td class="sticky name">
        <button
          type="button"
          tabIndex={-1}
          class="run-link"
          title="Show the curves of the group"
          onClick={() => go({ view: "curves", runs: row.runs.map(({ id }) => id) })}
        >
          {row.name}
        </button>
      </td>
      <td>{row.runs.length === 1 ? "1 run" : `${row.runs.length} runs`}</td>
      <td class="spark" />
      <td />
      <td />
      {columns.map((column) => (
        <td key={column} class="number">
          {column.startsWith("metric.") && <Spread name={column} values={values(row.runs, column)} />}
        </td>
      ))}
      <td />
    </tr>
  );
}

const values = (runs: readonly RunSummary[], column: Column) =>
  runs.map((run) => cell(run, column)).filter((value) => typeof value === "number" || value === null);

function Spread({ name, values: all }: { readonly name: string; readonly values: readonly (number | null)[] }) {
  const values = all.filter((value) => value !== null);
  if (values.length < all.length) return <>{`${all.length - values.length} of ${all.length} not finite`}</>;
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  if (values.length === 1) return <>{formatMetric(name, mean)}</>;
  return (
    <>
      {formatMetric(name, mean)} <small>± {formatDeviation(name, Math.sqrt(square / (values.length - 1)))}</small>
    </>
  );
}
