import { line } from "d3-shape";
import type { EvaluationView } from "../../../shared/evaluation.ts";
import { Plot } from "../../charts/plot.tsx";
import { extentOf, scale } from "../../charts/scales.ts";
import { useWidth } from "../../charts/use-size.ts";
import { formatNumber } from "../../model/format.ts";
import { Mark, MarkLegend, markColor } from "./marks.tsx";

const height = 250;
const margin = { top: 22, right: 18, bottom: 44, left: 48 };

/** A measure over the conditions of an experiment, in their order, with the interval of each value. */
export function Conditions({
  conditions,
  observers,
  x: xLabel,
  y: yLabel,
  title,
}: Extract<EvaluationView, { kind: "conditions" }>) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const all = observers.flatMap(({ values, low = [], high = [] }) => [values, low, high]);
  const [least, greatest] = extentOf(all) ?? [0, 1];
  // Shares are shown on all of their range.
  const y = scale(
    [Math.min(0, least), least >= 0 && greatest <= 1 ? 1 : greatest],
    [height - margin.bottom, margin.top],
    false,
  );
  const step = (width - margin.left - margin.right) / Math.max(1, conditions.length);
  const x = (index: number) => margin.left + (index + 0.5) * step;
  const skipped = Math.ceil(46 / Math.max(1, step));
  return (
    <>
      <Plot place={ref} width={width} height={height} label={`${title}: ${yLabel} over ${xLabel}`}>
        <text class="axis-label" x={margin.left} y={10}>
          {yLabel}
        </text>
        {y.ticks(5).map((tick) => (
          <g key={tick} transform={`translate(0,${y(tick)})`}>
            <line class="grid" x1={margin.left} x2={width - margin.right} />
            <text class="tick" x={margin.left - 8} dy="0.32em" text-anchor="end">
              {formatNumber(tick, 3)}
            </text>
          </g>
        ))}
        {conditions.map(
          (condition, index) =>
            index % skipped === 0 && (
              <text key={condition} class="tick" x={x(index)} y={height - margin.bottom + 18} text-anchor="middle">
                {condition}
              </text>
            ),
        )}
        <text class="axis-label" x={(margin.left + width - margin.right) / 2} y={height - 6} text-anchor="middle">
          {xLabel}
        </text>
        {observers.map(({ name, values, low, high }, index) => (
          <g key={name}>
            {low &&
              high &&
              values.map((_, i) =>
                low[i] === null || low[i] === undefined || high[i] === null || high[i] === undefined ? null : (
                  <line
                    key={conditions[i]}
                    class="whisker"
                    x1={x(i)}
                    x2={x(i)}
                    y1={y(low[i]!)}
                    y2={y(high[i]!)}
                    stroke={markColor(index)}
                  />
                ),
              )}
            <path
              class="line"
              stroke={markColor(index)}
              d={
                line<number | null>()
                  .defined((value) => value !== null)
                  .x((_, i) => x(i))
                  .y((value) => y(value!))([...values]) ?? ""
              }
            />
            {values.map(
              (value, i) =>
                value !== null && (
                  <Mark
                    key={conditions[i]}
                    index={index}
                    x={x(i)}
                    y={y(value)}
                    title={`${name}, ${conditions[i]}: ${formatNumber(value)}`}
                  />
                ),
            )}
          </g>
        ))}
      </Plot>
      <MarkLegend names={observers.map(({ name }) => name)} />
    </>
  );
}
