import type { RatePoint } from "./equalized-odds.ts";

/** A straight piece of a curve, from left to right. */
interface Edge {
  readonly left: RatePoint;
  readonly right: RatePoint;
  readonly slope: number;
}

/**
 * Corners of the lowest of several curves, from left to right: points at every false positive rate where it bends, at 0 and at 1.
 *
 * A concave curve of straight pieces is the lowest of the lines that they lie on, so the lowest of all curves is the lowest of all their lines.
 * From the steepest to the flattest each takes over where it crosses the one before: O(n log n) of n pieces, however many curves they are of.
 *
 * @param curves concave, each by its corners from a false positive rate of 0 to (1, 1); where one rises upright at 0, its top counts
 */
export function cornersOfLowest(curves: readonly (readonly RatePoint[])[]): RatePoint[] {
  const edges = curves.flatMap(edgesOf).sort((a, b) => b.slope - a.slope);
  const lowest: { readonly edge: Edge; readonly start: number }[] = [];
  for (const edge of edges) {
    let start = 0;
    for (let last = lowest.at(-1); last !== undefined; last = lowest.at(-1)) {
      start = crossing(last.edge, edge);
      if (start > last.start) break;
      lowest.pop();
      start = 0;
    }
    if (start < 1) lowest.push({ edge, start });
  }
  const corners = lowest.map(({ edge, start }) => ({
    falsePositiveRate: start,
    truePositiveRate: heightOf(edge, start),
  }));
  return [...corners, { falsePositiveRate: 1, truePositiveRate: 1 }];
}

function edgesOf(curve: readonly RatePoint[]): Edge[] {
  return curve.slice(1).flatMap((right, i) => {
    const left = curve[i]!;
    const width = right.falsePositiveRate - left.falsePositiveRate;
    return width > 0 ? [{ left, right, slope: (right.truePositiveRate - left.truePositiveRate) / width }] : [];
  });
}

/** Height at a false positive rate of the line that an edge lies on. */
function heightOf({ left, slope }: Edge, rate: number): number {
  return left.truePositiveRate + slope * (rate - left.falsePositiveRate);
}

/** Where the flatter line comes to lie below the steeper one; of parallel ones everywhere or nowhere. */
function crossing(steep: Edge, flat: Edge): number {
  // Neighbours meet at their corner, without rounding.
  if (steep.right === flat.left) return flat.left.falsePositiveRate;
  const gap = heightOf(flat, 0) - heightOf(steep, 0);
  const turn = steep.slope - flat.slope;
  if (turn === 0) return gap < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return gap / turn;
}
