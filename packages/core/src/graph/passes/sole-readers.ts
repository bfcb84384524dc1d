import { type Graph, type Node, readersOf, rewriteGraph } from "../graph.ts";
import { algebraRules } from "./algebra.ts";
import { scaleSmallerFactor, sumIntoProduct, transposeIntoProduct } from "./products.ts";
import { SimplifyingBuilder } from "./rules.ts";

/** Nodes that could move into the product that they alone read. */
function findCandidates(graph: Graph): ReadonlySet<Node> {
  const outputs = new Set(graph.outputs);
  const readers = readersOf(graph);
  const isCandidate = (node: Node): boolean => {
    const [product] = node.inputs;
    if (product?.operation !== "matmul" || readers.get(product)?.length !== 1 || outputs.has(product)) return false;
    if (node.operation === "reduceSum") return true;
    if (node.operation === "transpose") return node.attributes.permutation.at(-2) === node.shape.length - 1;
    if (node.operation !== "mul" && node.operation !== "div") return false;
    // Readers other than products take a factor along in their own pass.
    return !outputs.has(node) && (readers.get(node) as Node[]).every(({ operation }) => operation === "matmul");
  };
  return new Set(graph.nodes.filter(isCandidate));
}

/**
 * Moves what comes after a product into it, where nobody else reads the product: sums over a batch, transposes, and
 * factors that would otherwise take a pass of their own. See `products.ts` for each and which numbers it may change.
 */
export function simplifySoleReaders(graph: Graph): Graph {
  const candidates = findCandidates(graph);
  if (candidates.size === 0) return graph;
  const builder = new SimplifyingBuilder(algebraRules);
  return rewriteGraph(
    graph,
    (old, inputs) => {
      // What other rules made of the product is looked at in the next round.
      if (!candidates.has(old) || inputs[0]?.operation !== "matmul") return undefined;
      const node = { ...old, inputs } as Node;
      if (node.operation === "reduceSum") return sumIntoProduct(node, builder.emit);
      if (node.operation === "transpose") return transposeIntoProduct(node, builder.emit);
      return scaleSmallerFactor(node as Node<"mul"> | Node<"div">, builder.emit);
    },
    builder,
  );
}
