import type { EvaluationView, ResultCell } from "../../../shared/evaluation.ts";
import { formatNumber } from "../../model/format.ts";
import { Scroll } from "../../parts/scroll.tsx";

/** A table of results; a column whose cells are numbers is set right-aligned. */
export function ResultTable({ title, columns, rows }: Extract<EvaluationView, { kind: "table" }>) {
  const isNumber = columns.map((_, column) =>
    rows.some((row) => row[column] !== null && typeof row[column] !== "string" && row[column] !== undefined),
  );
  return (
    <Scroll label={title}>
      <table class="plain">
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={column} scope="col" class={isNumber[index] ? "number" : ""}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {columns.map((column, at) => {
                const value = row[at];
                return (
                  <td key={column} class={isNumber[at] ? "number" : ""}>
                    <ResultValue value={value} />
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
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
