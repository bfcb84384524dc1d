import type { Scale } from "./scales.ts";

/** Pixels around the plot itself. */
export interface Margin {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

/** What the axes of a plot show. */
export interface AxesProps {
  readonly x: Scale;
  readonly y: Scale;
  readonly width: number;
  readonly height: number;
  readonly margin: Margin;
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
  readonly xTicks?: readonly number[];
  readonly xLabel?: string;
  readonly yLabel?: string;
}

/** Hairlines and labels behind a plot. */
export function Axes({ x, y, width, height, margin, formatX, formatY, xTicks, xLabel, yLabel }: AxesProps) {
  const bottom = height - margin.bottom;
  const columns = xTicks ?? x.ticks(Math.max(2, Math.floor((width - margin.left) / 90)));
  const rows = y.ticks(Math.max(2, Math.floor((bottom - margin.top) / 38)));
  return (
    <g class="axes">
      {rows.map((tick) => (
        <g key={`y${tick}`} transform={`translate(0,${y(tick).toFixed(1)})`}>
          <line class="grid" x1={margin.left} x2={width - margin.right} />
          <text class="tick" x={margin.left - 8} dy="0.32em" text-anchor="end">
            {formatY(tick)}
          </text>
        </g>
      ))}
      <line class="base" x1={margin.left} x2={width - margin.right} y1={bottom} y2={bottom} />
      {columns.map((tick) => {
        const at = x(tick);
        // A label at the very end would be cut in half.
        const anchor = at > width - margin.right - 14 ? "end" : at < margin.left + 8 ? "start" : "middle";
        return (
          <text key={`x${tick}`} class="tick" x={at.toFixed(1)} y={bottom + 17} text-anchor={anchor}>
            {formatX(tick)}
          </text>
        );
      })}
      {xLabel !== undefined && (
        <text class="axis-label" x={(margin.left + width - margin.right) / 2} y={height - 4} text-anchor="middle">
          {xLabel}
        </text>
      )}
      {yLabel !== undefined && (
        <text class="axis-label" x={margin.left - 36} y={margin.top - 8} text-anchor="start">
          {yLabel}
        </text>
      )}
    </g>
  );
}
