import type { Graph } from "./graph/graph.ts";
export function simplify(graph: Graph): Graph {
  return graph;
}
