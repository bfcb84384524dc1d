import { chart } from "../plots/chart.ts";
import { band, linear } from "../plots/scale.ts";
import type { Estimate } from "../statistics/estimate.ts";
import type { Plot } from "../suite/suite.ts";
import type { ByCondition } from "./responses.ts";
import type { ShapeBias } from "./shape-bias.ts";

/** Shape bias by category, as in the paper: a symbol for each category and observer, a line at each observer's bias over all. */
export function shapeBiasPlot(observers: Readonly<Record<string, ShapeBias>>): Plot {
  const entries = Object.entries(observers);
  const categories = [...new Set(entries.flatMap(([, { byClass }]) => byClass.map(({ name }) => name)))];
  const title = "Shape bias by category";
  const values = entries.map(([name, { shapeBias }]) => `${name} ${shapeBias.value.toFixed(2)}`).join(", ");
  const svg = chart({
    title,
    description: `Share of decisions for the shape's category, 0 all by texture, 1 all by shape: ${values}.`,
    x: { label: "0 decides by texture · share of decisions by shape · 1 by shape", scale: linear([0, 1]) },
    y: { label: "", scale: band(categories.toReversed()) },
    height: 130 + 26 * categories.length,
    marks: entries.flatMap(([name, { shapeBias, byClass }]) => [
      { kind: "rule", name, axis: "x", at: shapeBias.value } as const,
      {
        kind: "points",
        name,
        interval: "x",
        points: byClass.flatMap((entry) =>
          Number.isNaN(entry.shapeBias.value) ? [] : [{ x: entry.shapeBias.value, y: entry.name }],
        ),
      } as const,
    ]),
  });
  return { name: "shape-bias", title, svg };
}

/** Accuracy in each condition, a line for each observer. */
export function accuracyCurves(
  set: string,
  conditions: readonly string[],
  observers: Readonly<Record<string, readonly ByCondition<Estimate>[]>>,
): Plot {
  const title = `Accuracy by condition: ${set}`;
  const marks = Object.entries(observers).flatMap(([name, curve]) => {
    const points = conditions.flatMap((condition) => {
      const found = curve.find((entry) => entry.condition === condition)?.value;
      return found === undefined ? [] : [{ x: condition, y: found.value, low: found.low, high: found.high }];
    });
    const symbols = points.map(({ x, y }) => ({ x, y }));
    return [{ kind: "line", name, points } as const, { kind: "points", name, points: symbols } as const];
  });
  const svg = chart({
    title,
    description: `Share of right answers of ${Object.keys(observers).join(", ")} from ${conditions[0]} to ${conditions.at(-1)}, with chance at 1/16.`,
    x: { label: "condition", scale: band(conditions) },
    y: { label: "accuracy", scale: linear([0, 1]) },
    marks: [{ kind: "rule", axis: "y", at: 1 / 16 }, ...marks],
  });
  return { name: `accuracy-${set.toLowerCase()}`, title, svg };
}
