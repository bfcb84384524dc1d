import type { HeatAnswer } from "../../../shared/api.ts";
import type { Series } from "../../charts/series.ts";

/** One part of a sum. */
export interface Part {
  readonly metric: string;
  readonly label: string;
  /** Any CSS colour. */
  readonly color: string;
}

/**
 * Parts on top of one another, in their order: each line is the sum up to its part. The answer gives all parts at the same x, so what is added
 * belongs together however many rows there were; a part that a row lacks adds nothing, and rows without any part are left out.
 */
export function stackOf(parts: readonly Part[], { x, rows }: HeatAnswer): Series[] {
  const places = x.flatMap((_, i) => (rows.some(({ values }) => (values[i] ?? null) !== null) ? [i] : []));
  const xs = places.map((i) => x[i]!);
  let below = places.map(() => 0);
  return parts.flatMap(({ metric, label, color }): Series[] => {
    const values = rows.find(({ name }) => name === metric)?.values;
    if (values === undefined) return [];
    const low = below;
    const high = low.map((value, at) => value + (values[places[at]!] ?? 0));
    below = high;
    return [{ key: metric, label, color, line: { x: xs, y: high }, band: { low, high }, isStacked: true }];
  });
}
