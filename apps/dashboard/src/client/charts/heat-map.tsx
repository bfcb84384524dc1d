import { useState } from "preact/hooks";
import type { Axis } from "../../shared/api.ts";
import { formatAxis } from "./line-chart.tsx";
import { ramp } from "./ramp.ts";
import { extentOf } from "./scales.ts";
import { useWidth } from "./use-size.ts";

/** A matrix of values as colours. */
export interface HeatMapProps {
  readonly title: string;
  readonly rows: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  /** Middles of the columns on an axis, or their names. */
  readonly columns: { readonly axis: Axis; readonly x: readonly number[] } | readonly string[];
  readonly format: (value: number) => string;
  /** For the ends of the scale, where that is shorter: without a unit. */
  readonly formatEnd?: (value: number) => string;
}

/** Room for names of rows, by the width of their characters. */
const leftOf = (names: readonly string[]) =>
  Math.min(150, Math.max(76, 12 + 6.5 * Math.max(0, ...names.map(({ length }) => length))));

const legendHeight = 34;

/** A heat map with its scale; a cell without a value is hatched. */
export function HeatMap({ title, rows, columns, format, formatEnd = format }: HeatMapProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const [over, setOver] = useState<readonly [number, number] | undefined>();
  const extent = extentOf(rows.map(({ values }) => values)) ?? [0, 1];
  const { color, isLog } = ramp(extent);
  const left = leftOf(rows.map(({ name }) => name));
  const count = "axis" in columns ? columns.x.length : columns.length;
  const cellHeight = Math.min(26, Math.max(9, 220 / rows.length));
  const cellWidth = Math.max(0, width - left) / Math.max(1, count);
  const bottom = rows.length * cellHeight;
  const height = bottom + 24 + legendHeight;
  const nameOf = (column: number) =>
    "axis" in columns ? formatAxis(columns.axis, columns.x[column]!) : columns[column]!;
  const labels = Math.max(1, Math.ceil(count / Math.max(2, Math.floor((width - left) / 80))));
  const value = over && rows[over[0]]?.values[over[1]];

  return (
    <div class="chart" ref={ref}>
      {width > 0 && (
        <svg
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          class="plot heat"
          role="img"
          aria-label={`${title}: ${rows.length} rows, values from ${format(extent[0])} to ${format(extent[1])}`}
          onPointerLeave={() => setOver(undefined)}
          onPointerMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            const [column, row] = [
              (event.clientX - box.left - left) / cellWidth,
              (event.clientY - box.top) / cellHeight,
            ];
            setOver(
              column >= 0 && row < rows.length && column < count ? [Math.floor(row), Math.floor(column)] : undefined,
            );
          }}
        >
          {rows.map(({ name, values }, row) => (
            <g key={name} transform={`translate(0,${row * cellHeight})`}>
              {(cellHeight >= 12 || row % 2 === 0) && (
                <text class="tick" x={left - 8} y={cellHeight / 2} dy="0.32em" text-anchor="end">
                  {name}
                </text>
              )}
              {values.map((value, column) => (
                <rect
                  key={column}
                  x={(left + column * cellWidth).toFixed(2)}
                  width={(cellWidth + 0.4).toFixed(2)}
                  height={cellHeight - (cellHeight > 12 ? 1.5 : 0.5)}
                  {...(value === null ? { class: "nothing" } : { fill: color(value) })}
                />
              ))}
            </g>
          ))}
          {Array.from({ length: count }, (_, column) => column)
            .filter((column) => column % labels === 0)
            .map((column) => (
              <text
                key={column}
                class="tick"
                x={left + (column + 0.5) * cellWidth}
                y={bottom + 16}
                text-anchor="middle"
              >
                {nameOf(column)}
              </text>
            ))}
          <g transform={`translate(${left},${bottom + 32})`}>
            {Array.from({ length: 60 }, (_, i) => {
              const share = i / 59;
              const at = isLog
                ? extent[0] * (extent[1] / extent[0]) ** share
                : extent[0] + share * (extent[1] - extent[0]);
              return <rect key={i} x={i * 2.4} width={2.6} height={8} fill={color(at)} />;
            })}
            <text class="tick" x={0} y={22}>
              {formatEnd(extent[0])}
            </text>
            <text class="tick" x={144} y={22} text-anchor="end">
              {formatEnd(extent[1])}
            </text>
            <text class="tick" x={156} y={8}>
              {over && value !== undefined
                ? `${rows[over[0]]!.name}, ${nameOf(over[1])}: ${value === null ? "no value" : format(value)}`
                : isLog
                  ? "logarithmic"
                  : ""}
            </text>
          </g>
        </svg>
      )}
    </div>
  );
}
