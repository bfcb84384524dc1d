import type { Graph, Node } from "../../graph.ts";
import { bufferOf, isGiven } from "../../memory.ts";

/**
 * A training program cut at its turning point: `early` is the forward pass, `late` what follows. Nothing but the
 * position tells them apart: values that live across it are what memory is spent on.
 */
export interface Halves {
  readonly graph: Graph;
  /** Position of the last early node. */
  readonly turn: number;
  readonly position: ReadonlyMap<Node, number>;
  /** Position of the last reader of each value, through reshapes; outputs are read at the end. */
  readonly lastUse: ReadonlyMap<Node, number>;
  /** The same for early readers only. */
  readonly lastEarlyUse: ReadonlyMap<Node, number>;
  /** Early computed values that some late node reads. */
  readonly needed: ReadonlySet<Node>;
  /** Buffers that are results of the program, and stay in memory whatever happens. */
  readonly results: ReadonlySet<Node>;
}

/** Cuts a program behind the node at a position. */
export function cutAt(graph: Graph, turn: number): Halves {
  const position = new Map(graph.nodes.map((node, i) => [node, i]));
  const lastUse = new Map<Node, number>();
  const lastEarlyUse = new Map<Node, number>();
  const needed = new Set<Node>();
  for (const [i, node] of graph.nodes.entries()) {
    for (const input of node.inputs) {
      lastUse.set(bufferOf(input), i);
      if (i <= turn) lastEarlyUse.set(bufferOf(input), i);
      else if ((position.get(input) as number) <= turn && !isGiven(bufferOf(input))) needed.add(input);
    }
  }
  const results = new Set(graph.outputs.map(bufferOf));
  for (const result of results) lastUse.set(result, graph.nodes.length);
  return { graph, turn, position, lastUse, lastEarlyUse, needed, results };
}
