import type { HeatAnswer, HeatQuery } from "../../shared/api.ts";
import { axisValues } from "./axis.ts";
import type { ChartRun } from "./curves.ts";
import { digits } from "./downsample.ts";

/** Means of metrics over stretches of x, a row a metric. All rows share the columns. */
export function heat({ metrics, axis, columns }: HeatQuery, { table, cost }: ChartRun): HeatAnswer {
  const lines = metrics.map((name) => {
    const series = table.series.get(name);
    return { name, x: series && axisValues(table, series, axis, cost), y: series?.values.values };
  });
  const xs = lines.flatMap(({ x }) => (x === undefined || x.length === 0 ? [] : [x]));
  const places = new Set<number>();
  for (const x of xs) for (const value of x) if (places.size <= columns) places.add(value);
  // Few recorded places are columns themselves; many are gathered into even stretches.
  const own = places.size <= columns ? Float64Array.from(places).sort() : undefined;
  const begin = Math.min(...xs.map((x) => x[0]!));
  const width = (Math.max(...xs.map((x) => x[x.length - 1]!)) - begin) / columns || 1;
  const middles = own ?? Float64Array.from({ length: columns }, (_, i) => begin + (i + 0.5) * width);
  const indexOf = own && new Map(Array.from(own, (value, index) => [value, index]));
  const columnOf = (x: number) =>
    indexOf?.get(x) ?? Math.min(columns - 1, Math.max(0, Math.floor((x - begin) / width)));

  const rows = lines.map(({ name, x, y }) => {
    const sums = new Float64Array(middles.length);
    const counts = new Float64Array(middles.length);
    if (x !== undefined && y !== undefined) {
      for (let i = 0; i < x.length; i++) {
        if (!Number.isFinite(y[i]!)) continue;
        const column = columnOf(x[i]!);
        sums[column]! += y[i]!;
        counts[column]! += 1;
      }
    }
    return { name, values: Array.from(sums, (sum, i) => (counts[i]! > 0 ? digits(sum / counts[i]!) : null)) };
  });
  return { x: Array.from(middles, digits), rows };
}
