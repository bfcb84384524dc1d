import { type HostTensor, hostTensor, newData, sizeOf } from "../../host-tensor.ts";
import { collectiveOperations } from "../collectives.ts";
import { Emitter } from "../emit.ts";
import { type Graph, GraphBuilder, type Node, rewriteGraph } from "../graph.ts";
import type { Operation } from "../operations.ts";

/** Computes one operation on the host: an engine's, or the interpreter of the tests. */
export type Evaluate = (node: Node, inputs: readonly HostTensor[]) => HostTensor;

/** Constants are not worth more memory than this many elements each. */
const defaultLimit = 65_536;

/** Operations whose result is best left to be computed where it is read, or must be. */
const kept: ReadonlySet<Operation> = new Set<Operation>([
  "input", "constant", "full", "broadcast", "barrier", ...collectiveOperations,
]); // biome-ignore format: a table

function hostValue(node: Node): HostTensor | undefined {
  if (node.operation === "constant") return node.attributes.value;
  if (node.operation !== "full") return undefined;
  const { dtype, shape, value } = node.attributes;
  return hostTensor(dtype, shape, newData(dtype, sizeOf(shape)).fill(value));
}

/**
 * Computes ahead what depends on constants alone, where neither operands nor result are larger than `limit` elements.
 * The numbers are those that `evaluate` gives instead of the engine.
 */
export function foldConstants(graph: Graph, evaluate: Evaluate, { limit = defaultLimit } = {}): Graph {
  const isSmall = ({ shape }: Node) => sizeOf(shape) <= limit;
  const isConstant = (x: Node) => (x.operation === "constant" || x.operation === "full") && isSmall(x);
  const isFoldable = (node: Node, inputs: readonly Node[]) =>
    !kept.has(node.operation) && node.dtype !== "bfloat16" && isSmall(node) && inputs.every(isConstant);
  if (!graph.nodes.some((node) => isFoldable(node, node.inputs))) return graph;

  const builder = new GraphBuilder();
  const emit = new Emitter(builder);
  return rewriteGraph(
    graph,
    (node, inputs) => {
      if (!isFoldable(node, inputs)) return undefined;
      return emit.constant(
        evaluate(
          { ...node, inputs } as Node,
          inputs.map((input) => hostValue(input) as HostTensor),
        ),
      );
    },
    builder,
  );
}
