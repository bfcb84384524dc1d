import { chart, linear } from "../plots/index.ts";
import type { Plot } from "../suite/suite.ts";

/** Points that a line is drawn through: as many as its pixels can show. */
const drawn = 200;

/** Accuracy against the share of rows that are answered, the most confident first. */
export function selectivePlot(accuracies: Float64Array): Plot {
  const { length } = accuracies;
  const points = Array.from({ length: Math.min(drawn, length) }, (_, i) => {
    const answers = Math.max(1, Math.round(((i + 1) * length) / Math.min(drawn, length)));
    return { x: answers / length, y: accuracies[answers - 1]! };
  });
  const lowest = Math.min(...points.map(({ y }) => y), 0.99);
  const title = "Selective prediction";
  const svg = chart({
    title,
    description: "Accuracy when only the most confident share of predictions is answered.",
    x: { label: "share answered", scale: linear([0, 1]) },
    y: { label: "accuracy", scale: linear([Math.floor(10 * lowest) / 10, 1]) },
    marks: [{ kind: "line", name: "accuracy", points }],
  });
  return { name: "selective", title, svg };
}
