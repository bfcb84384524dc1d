import type { Graph } from "../graph/graph.ts";
import { sameShape } from "../graph/shapes.ts";

/** Outputs that take over the memory of donated inputs: by path where one ends like the other, then by type. */
export function pairDonations(
  graph: Graph,
  outputPaths: readonly string[],
  donate: ReadonlySet<string>,
): [number, number][] {
  const free = new Set(graph.outputs.keys());
  const pairs: [number, number][] = [];
  const claim = (input: number, fits: (output: number) => boolean): boolean => {
    const { dtype, shape } = graph.inputs[input] as Graph["inputs"][number];
    for (const output of free) {
      const candidate = graph.outputs[output] as Graph["outputs"][number];
      if (candidate.dtype !== dtype || !sameShape(candidate.shape, shape) || !fits(output)) continue;
      free.delete(output);
      pairs.push([input, output]);
      return true;
    }
    return false;
  };
  const donated = graph.inputs.flatMap((input, i) => {
    const [position, ...path] = input.attributes.name.split("/");
    return donate.has(position as string) ? [[i, path.join("/")] as const] : [];
  });
  const unmatched = donated.filter(
    ([input, path]) => !claim(input, (output) => `/${outputPaths[output]}`.endsWith(`/${path}`)),
  );
  for (const [input] of unmatched) claim(input, () => true);
  return pairs;
}
