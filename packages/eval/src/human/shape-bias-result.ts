import type { Estimate } from "../statistics/estimate.ts";
import type { Cell, ResultTable } from "../suite/suite.ts";
import type { CueCounts, ShapeBias } from "./shape-bias.ts";

/** Shape biases by observer, as a result shows them. */
export type ShapeBiases = Readonly<Record<string, ShapeBias>>;

/** What stands in the place of a bias that nothing was decided for. */
export const notDefined = "not defined: no decision for shape or texture";

/** Whether anything was decided for shape or texture: without, there is no bias. */
export function isDefined({ shape, texture }: CueCounts): boolean {
  return shape + texture > 0;
}

/** The metrics of a shape bias; a bias that is not defined is none of them. */
export function shapeBiasMetrics(bias: ShapeBias): Record<string, Estimate> {
  return { ...(isDefined(bias) && { "shape-bias": bias.shapeBias }), "decided-by-either-cue": bias.decided };
}

/** What the biases of all observers rest on, over all images and by category. */
export function shapeBiasTables(biases: ShapeBiases): ResultTable[] {
  const entries = Object.entries(biases);
  const cells = (counts: CueCounts): Cell[] => [
    counts.shape,
    counts.texture,
    isDefined(counts) ? counts.shapeBias : notDefined,
  ];
  const columns = ["decisions by shape", "by texture"];
  const [first] = entries;
  return [
    {
      title: "Shape bias",
      columns: ["observer", ...columns, "shape bias", "decided by either cue"],
      rows: entries.map(([name, bias]) => [name, ...cells(bias), bias.decided]),
    },
    {
      title: "Shape bias by category",
      columns: ["category", "observer", ...columns, "shape bias"],
      rows: (first?.[1].byClass ?? []).flatMap((category, i) =>
        entries.map(([name, { byClass }]) => [category.name, name, ...cells(byClass[i]!)]),
      ),
    },
  ];
}

/** What a reader must know of each bias: what it rests on, or why there is none. */
export function shapeBiasNotes(biases: ShapeBiases): string[] {
  return Object.entries(biases).map(([name, bias]) => {
    const { shape, texture, trials } = bias;
    if (trials === 0) return `Shape bias of ${name} is not defined: there are no images whose cues conflict.`;
    if (!isDefined(bias)) {
      return `Shape bias of ${name} is not defined: no decision of ${trials} on images whose cues conflict was for shape or texture.`;
    }
    return `${name}: ${shape} decisions by shape and ${texture} by texture, of ${trials} on images whose cues conflict.`;
  });
}
