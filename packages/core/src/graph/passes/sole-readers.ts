import { type Graph, type Node, readersOf, rewriteGraph } from "../graph.ts";
import { algebraRules } from "./algebra.ts";
import { scaleSmallerFactor, sumIntoProduct, transposeIntoProduct } from "./products.ts";
import { SimplifyingBuilder } from "./rules.ts";

/**
 * Moves what comes after a product into it, where nobody else reads the product: sums over a batch, transposes, and
 * factors that would otherwise take a pass of their own. See `products.ts` for each and which numbers it may change.
 */
export function simplifySoleReaders(graph: Graph): Graph {
  const readers = readersOf(graph);
  const outputs = new Set(graph.outputs);
  const builder = new SimplifyingBuilder(algebraRules);
  return rewriteGraph(
    graph,
    (old, inputs) => {
      const [product] = old.inputs;
      const isSole = product?.operation === "matmul" && readers.get(product)?.length === 1 && !outputs.has(product);
      // What other rules made of the product is looked at in the next round.
      if (!isSole || inputs[0]?.operation !== "matmul") return undefined;
      const node = { ...old, inputs } as Node;
      if (node.operation === "reduceSum") return sumIntoProduct(node, builder.emit);
      if (node.operation === "transpose") return transposeIntoProduct(node, builder.emit);
      if (node.operation !== "mul" && node.operation !== "div") return undefined;
      // Other readers take a factor along in their own pass.
      const isOwnPass = readers.get(old)?.every(({ operation }) => operation === "matmul") && !outputs.has(old);
      return isOwnPass ? scaleSmallerFactor(node, builder.emit) : undefined;
    },
    builder,
  );
}
