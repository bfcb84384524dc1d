import type { Graph, Node } from "../../graph/graph.ts";
import { isElementwise } from "../../graph/operations.ts";
import { sameShape } from "../../graph/shapes.ts";

/**
 * The donations that may be carried out in place: output `o` is written over input `i`. That is safe when nothing can
 * read the input after the output is written, whatever order the engine chooses: every reader of the input is either
 * the operation that makes the output, and reads each element before it writes that element, or an ancestor of it.
 */
export function safeDonations(
  graph: Graph,
  donations: readonly (readonly [input: number, output: number])[],
): Map<number, number> {
  const readers = new Map<Node, Node[]>();
  for (const node of graph.nodes)
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  const returned = new Set<Node>(graph.outputs);

  const safe = new Map<number, number>();
  for (const [inputIndex, outputIndex] of donations) {
    const input = graph.inputs[inputIndex] as Node;
    const output = graph.outputs[outputIndex] as Node;
    if (input.dtype !== output.dtype || !sameShape(input.shape, output.shape)) continue;
    if (returned.has(input)) continue;
    if (graph.outputs.filter((other) => other === output).length > 1) continue;
    const isInPlace = (reader: Node) => reader === output && isElementwise(reader.operation);
    const others = (readers.get(input) ?? []).filter((reader) => !isInPlace(reader));
    if (others.length > 0 && !reaches(output, new Set(others))) continue;
    safe.set(outputIndex, inputIndex);
  }
  return safe;
}

/** Whether all of `targets` are strict ancestors of a node. */
function reaches(node: Node, targets: Set<Node>): boolean {
  const missing = new Set(targets);
  if (missing.has(node)) return false;
  const seen = new Set<Node>();
  const stack: Node[] = [...node.inputs];
  for (let next = stack.pop(); next && missing.size > 0; next = stack.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    missing.delete(next);
    stack.push(...next.inputs);
  }
  return missing.size === 0;
}
