import { line } from "d3-shape";
import type { EvaluationView } from "../../../shared/evaluation.ts";
import { Axes } from "../../charts/axes.tsx";
import { Plot } from "../../charts/plot.tsx";
import { extentOf, scale } from "../../charts/scales.ts";
import { useWidth } from "../../charts/use-size.ts";
import { formatNumber } from "../../model/format.ts";
import { Mark, MarkLegend, markColor } from "./marks.tsx";

const height = 300;
const margin = { top: 26, right: 20, bottom: 46, left: 52 };

/** One measure against another, the points of a series joined in their order. */
export function TradeOff({ series, x: xLabel, y: yLabel, title }: Extract<EvaluationView, { kind: "trade-off" }>) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const points = series.flatMap(({ points }) => points);
  const x = scale(
    extentOf([points.map(({ x }) => x)]) ?? [0, 1],
    [margin.left + 8, Math.max(margin.left + 9, width - margin.right)],
    false,
    true,
  );
  const y = scale(extentOf([points.map(({ y }) => y)]) ?? [0, 1], [height - margin.bottom, margin.top], false, true);
  const format = (value: number) => formatNumber(value, 3);
  return (
    <>
      <Plot place={ref} width={width} height={height} label={`${title}: ${yLabel} over ${xLabel}`}>
        <Axes {...{ x, y, width, height, margin, xLabel, yLabel }} formatX={format} formatY={format} />
        {series.map(({ name, points }, index) => (
          <g key={name}>
            <path
              class="line"
              stroke={markColor(index)}
              d={
                line<{ x: number; y: number }>()
                  .x((point) => x(point.x))
                  .y((point) => y(point.y))([...points]) ?? ""
              }
            />
            {points.map((point, at) => (
              <Mark
                key={at}
                index={index}
                x={x(point.x)}
                y={y(point.y)}
                title={`${name} ${point.label}: ${xLabel} ${format(point.x)}, ${yLabel} ${format(point.y)}`}
              />
            ))}
          </g>
        ))}
      </Plot>
      <MarkLegend names={series.map(({ name }) => name)} />
    </>
  );
}
