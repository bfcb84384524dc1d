import type { EvaluationView, ResultCell } from "../../../shared/evaluation.ts";
import { formatNumber } from "../../model/format.ts";
import { Table } from "../../parts/table.tsx";

/** A table of results; estimates are shown with their intervals. */
export function ResultTable({ title, columns, rows }: Extract<EvaluationView, { kind: "table" }>) {
  const isNumber = (column: number) =>
    rows.some((row) => typeof row[column] === "number" || (typeof row[column] === "object" && row[column] !== null));
  return (
    <Table
      title={title}
      columns={columns}
      isNumber={isNumber}
      rows={rows.map((row, index) => ({
        key: `${index}`,
        cells: columns.map((column, at) => <ResultValue key={column} value={row[at]} />),
      }))}
    />
  );
}

function ResultValue({ value }: { readonly value: ResultCell | undefined }) {
  if (value === null || value === undefined) return <>–</>;
  if (typeof value === "string") return <>{value}</>;
  if (typeof value === "number") return <>{formatNumber(value)}</>;
  return (
    <>
      {formatNumber(value.value)}{" "}
      <small class="dim">
        {formatNumber(value.low, 3)} … {formatNumber(value.high, 3)}
      </small>
    </>
  );
}
