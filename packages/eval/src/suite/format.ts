import type { Cell } from "./suite.ts";

/** A cell of a table of results as text: numbers with four significant digits, estimates with their intervals. */
export function formatCell(cell: Cell): string {
  if (typeof cell === "string") return cell;
  if (typeof cell === "number") return formatValue(cell);
  const { value, low, high } = cell;
  const hasInterval = !Number.isNaN(low) && !Number.isNaN(high) && low !== high;
  return hasInterval ? `${formatValue(value)} (${formatValue(low)} to ${formatValue(high)})` : formatValue(value);
}

function formatValue(value: number): string {
  if (Number.isNaN(value)) return "n/a";
  return Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(4))}`;
}
