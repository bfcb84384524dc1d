import { Emitter } from "../graph/emit.ts";
import { type Graph, rewriteGraph } from "../graph/graph.ts";
import { isFusible } from "./space.ts";

/**
 * Takes reductions of computed values over the last axis and others apart: first over the last axis, which a kernel
 * does while it computes the value, then over what is left of it. Long sums also lose less to rounding that way.
 */
export function splitReductions(graph: Graph): Graph {
  return rewriteGraph(graph, (node, inputs, builder) => {
    if (node.operation !== "reduceSum" && node.operation !== "reduceMax" && node.operation !== "reduceMin")
      return undefined;
    const [x] = inputs;
    const { axes, keepDims } = node.attributes;
    const last = (x?.shape.length ?? 0) - 1;
    if (!x || axes.length < 2 || !axes.includes(last) || !isFusible(x)) return undefined;
    const emit = new Emitter(builder);
    const others = axes.filter((axis) => axis !== last);
    return emit.reduce(node.operation, emit.reduce(node.operation, x, [last], keepDims), others, keepDims);
  });
}
