import { isCollective } from "../graph/collectives.ts";
import type { Graph } from "../graph/graph.ts";

/** @throws Error when a program needs other ranks, which an engine by itself does not know. */
export function refuseCollectives(graph: Graph, program: string): void {
  const found = graph.nodes.find(({ operation }) => isCollective(operation));
  if (!found) return;
  const { over } = found.attributes as { readonly over: string };
  throw new Error(
    `program "${program}" has collectives (${found.operation} over "${over}"), and this engine knows no other ranks; ` +
      "compile it with jit(f, { engine: meshEngine(communicator) }) of @vitscale/sharding",
  );
}
