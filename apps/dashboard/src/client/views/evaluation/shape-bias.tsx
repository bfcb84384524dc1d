import type { EvaluationView } from "../../../shared/evaluation.ts";
import { Plot } from "../../charts/plot.tsx";
import { useWidth } from "../../charts/use-size.ts";
import { formatNumber, formatPercent } from "../../model/format.ts";
import { Mark, MarkLegend, markColor } from "./marks.tsx";

const rowHeight = 24;
const top = 34;

/**
 * The plot of Geirhos et al. 2019, figure 4: a row a category, to the left answers by shape, to the right by texture; an upright line is
 * an observer's share over all categories.
 */
export function ShapeBias({ categories, observers, title }: Extract<EvaluationView, { kind: "shape-bias" }>) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const left = Math.min(110, 20 + 7 * Math.max(0, ...categories.map(({ length }) => length)));
  const right = Math.max(left + 10, width - 16);
  const x = (share: number) => right - share * (right - left);
  const bottom = top + categories.length * rowHeight;
  const summary = observers
    .map(({ name, overall }) => `${name} ${overall === undefined ? "" : formatPercent(overall)}`)
    .join(", ");
  return (
    <>
      <Plot place={ref} width={width} height={bottom + 30} label={`${title}: ${summary}`}>
        <text class="axis-label" x={left} y={12}>
          ← shape
        </text>
        <text class="axis-label" x={right} y={12} text-anchor="end">
          texture →
        </text>
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <g key={share}>
            <line class="grid" x1={x(share)} x2={x(share)} y1={top - 10} y2={bottom} />
            <text class="tick" x={x(share)} y={bottom + 18} text-anchor="middle">
              {formatNumber(share, 2)}
            </text>
          </g>
        ))}
        {categories.map((category, row) => (
          <g key={category}>
            <line
              class="grid faint"
              x1={left}
              x2={right}
              y1={top + (row + 0.5) * rowHeight}
              y2={top + (row + 0.5) * rowHeight}
            />
            <text class="tick strong" x={left - 10} y={top + (row + 0.5) * rowHeight} dy="0.32em" text-anchor="end">
              {category}
            </text>
          </g>
        ))}
        {observers.map(
          ({ name, overall }, index) =>
            overall !== undefined && (
              <line
                key={name}
                class="average"
                x1={x(overall)}
                x2={x(overall)}
                y1={top - 10}
                y2={bottom}
                stroke={markColor(index)}
              />
            ),
        )}
        {observers.map(({ name, values }, index) =>
          values.map(
            (value, row) =>
              value !== null && (
                <Mark
                  key={`${name}${categories[row]}`}
                  index={index}
                  x={x(value)}
                  y={top + (row + 0.5) * rowHeight}
                  title={`${name}, ${categories[row]}: ${formatPercent(value)} shape`}
                />
              ),
          ),
        )}
      </Plot>
      <MarkLegend
        names={observers.map(({ name, overall }) =>
          overall === undefined ? name : `${name}, ${formatPercent(overall)} shape`,
        )}
      />
    </>
  );
}
