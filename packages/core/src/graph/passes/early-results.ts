import { type Graph, GraphBuilder, type Node, readersOf } from "../graph.ts";
import { isElementwise } from "../operations.ts";

/** Longer tails are not looked at: they are no optimizer's update of one parameter. */
const longestTail = 64;

/**
 * Runs what only leads to results as soon as it can: the update of a parameter right after its gradient, which then
 * needs not wait in memory for all others. Where something needs all gradients first (their norm), it stays as it is. No
 * number changes.
 */
export function computeResultsEarly(graph: Graph): Graph {
  const position = new Map(graph.nodes.map((node, i) => [node, i]));
  const readers = readersOf(graph);
  /** What follows from the program's inputs in a few steps is ready at any time: decayed moments, rates. */
  const isPrepared = (x: Node, depth = 4): boolean =>
    x.inputs.length === 0 ||
    (depth > 0 && isElementwise(x.operation) && x.inputs.every((input) => isPrepared(input, depth - 1)));

  /** Everything computed from a node, if all else that it takes is there when the node is. */
  const tailOf = (node: Node): readonly Node[] | undefined => {
    const tail = new Set<Node>(readers.get(node));
    for (const member of tail) {
      if (tail.size > longestTail) return undefined;
      for (const reader of readers.get(member) as readonly Node[]) tail.add(reader);
    }
    const at = position.get(node) as number;
    const isReady = (x: Node) => tail.has(x) || (position.get(x) as number) <= at || isPrepared(x);
    const isSelfContained = [...tail].every((member) => member.inputs.every(isReady));
    return isSelfContained ? [...tail].sort((a, b) => a.id - b.id) : undefined;
  };

  const builder = new GraphBuilder();
  const moved = new Map<Node, Node>();
  const emit = (node: Node): void => {
    if (moved.has(node)) return;
    for (const input of node.inputs) emit(input);
    const inputs = node.inputs.map((input) => moved.get(input) as Node);
    moved.set(node, builder.add(node.operation, inputs, node.attributes));
  };
  // Inputs first: their order is that of the program's arguments.
  for (const input of graph.inputs) emit(input);
  for (const node of graph.nodes) {
    const wasMoved = moved.has(node);
    emit(node);
    if (!wasMoved && node.inputs.length > 0) for (const member of tailOf(node) ?? []) emit(member);
  }
  return builder.build(graph.outputs.map((output) => moved.get(output) as Node));
}
