import { line } from "d3-shape";
import type { Line } from "../../shared/api.ts";
import { extentOf, scale } from "./scales.ts";

/** A line without axes, the size of a word. */
export function Sparkline({
  data,
  color,
  width = 96,
  height = 22,
}: {
  data: Line | undefined;
  color: string;
  width?: number;
  height?: number;
}) {
  const finite = data?.x.flatMap((_, i) => (data.y[i] === null ? [] : [i])) ?? [];
  if (data === undefined || finite.length < 2)
    return <svg class="sparkline" width={width} height={height} aria-hidden="true" />;
  const x = scale(extentOf([data.x])!, [1, width - 3], false);
  const y = scale(extentOf([data.y])!, [height - 3, 3], false);
  const path = line<number>()
    .x((i) => x(data.x[i]!))
    .y((i) => y(data.y[i]!))(finite);
  const last = finite[finite.length - 1]!;
  return (
    <svg class="sparkline" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <path d={path ?? ""} stroke={color} />
      <circle cx={x(data.x[last]!)} cy={y(data.y[last]!)} r={2} fill={color} />
    </svg>
  );
}
