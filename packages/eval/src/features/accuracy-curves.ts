import { chart, linear, logarithmic } from "../plots/index.ts";
import type { Estimate } from "../statistics/index.ts";
import type { Plot } from "../suite/suite.ts";

/** An accuracy at a number of shots, or of neighbours. */
export interface CurvePoint {
  readonly x: number;
  readonly accuracy: Estimate;
}

/** Accuracy over a number that grows by factors; one curve for each name. */
export function accuracyCurves(
  title: string,
  name: string,
  label: string,
  curves: readonly { readonly name: string; readonly points: readonly CurvePoint[] }[],
): Plot {
  const numbers = curves.flatMap(({ points }) => points.map(({ x }) => x));
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const marks = curves.flatMap((curve) => {
    const points = curve.points.map(({ x, accuracy: { value, low, high } }) =>
      Number.isNaN(low) ? { x, y: value } : { x, y: value, low: Math.max(0, low), high: Math.min(1, high) },
    );
    const symbols = points.map(({ x, y }) => ({ x, y }));
    return [
      { kind: "line", name: curve.name, points } as const,
      { kind: "points", name: curve.name, points: symbols } as const,
    ];
  });
  const best = curves.map(
    ({ name: curve, points }) =>
      `${curve}: ${points.map(({ x, accuracy }) => `${x} ${accuracy.value.toFixed(3)}`).join(", ")}`,
  );
  const svg = chart({
    title,
    description: best.join("; "),
    x: { label, scale: least < most ? logarithmic([least, most]) : linear([least - 1, most + 1]) },
    y: { label: "accuracy", scale: linear([0, 1]) },
    marks,
  });
  return { name, title, svg };
}
