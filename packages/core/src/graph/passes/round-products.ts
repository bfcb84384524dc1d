import { Emitter } from "../emit.ts";
import { type Graph, GraphBuilder, type Node, rewriteGraph } from "../graph.ts";
import type { Operation } from "../operations.ts";

const products: ReadonlySet<Operation> = new Set(["matmul", "conv2d", "conv2dInputGradient"]);

/**
 * Rounds the operands of every product to bfloat16 and leaves sums in float32: what matrix units of accelerators compute, where
 * activations and weights come in 16 bits and sums in 32.
 */
export function roundProducts(graph: Graph): Graph {
  const builder = new GraphBuilder();
  const emit = new Emitter(builder);
  const round = (x: Node) => emit.cast(emit.cast(x, "bfloat16"), "float32");
  return rewriteGraph(
    graph,
    ({ operation, attributes }, inputs) =>
      products.has(operation) ? builder.add(operation, inputs.map(round), attributes) : undefined,
    builder,
  );
}
