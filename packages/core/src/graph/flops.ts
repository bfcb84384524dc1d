import { sizeOf } from "../host-tensor.ts";
import type { Graph, Node } from "./graph.ts";
import { bufferOf, bytesOf } from "./memory.ts";
import { isElementwise, isReduction, type Operation } from "./operations.ts";

/** Arithmetic and traffic of a program. */
export interface Cost {
  /** Floating-point operations of products and convolutions: 2 for each multiplication with its addition. */
  readonly products: number;
  /** All other arithmetic, 1 for each element and operation whatever it takes (5 for softmax). */
  readonly elementwise: number;
  /** Bytes that operations read and write if each runs on its own; reshapes move nothing. */
  readonly bytes: number;
  /** The sum of both kinds of operations, by graph operation, largest first. */
  readonly byOperation: ReadonlyMap<Operation, number>;
}

/** FLOPs of one product or convolution; 0 for every other operation. */
export function productFlops(node: Node): number {
  const [x, y] = node.inputs;
  switch (node.operation) {
    case "matmul":
      return 2 * sizeOf(node.shape) * ((x as Node).shape.at(node.attributes.transposeA ? -2 : -1) as number);
    case "conv2d":
    case "conv2dInputGradient": {
      // Each element of the convolution's result (the gradient of it) meets each tap of its own output channel once.
      const results = node.operation === "conv2d" ? node : (x as Node);
      return 2 * sizeOf(results.shape) * sizeOf((y as Node).shape.slice(0, 3));
    }
    default:
      return 0;
  }
}

/** Elements times operations of what is no product. */
function elementwiseFlops(node: Node): number {
  if (isElementwise(node.operation)) return node.operation === "cast" ? 0 : sizeOf(node.shape);
  if (isReduction(node.operation) || node.operation === "cumsum") return sizeOf((node.inputs[0] as Node).shape);
  if (node.operation === "softmax") return 5 * sizeOf(node.shape);
  if (node.operation === "maxPool" || node.operation === "averagePool") {
    return sizeOf(node.shape) * sizeOf(node.attributes.window);
  }
  return 0;
}

/** Bytes that an operation reads and writes: scalars and splats stay in registers, slices and gathers read what they give. */
function bytesMoved(node: Node): number {
  if (node.inputs.length === 0 || bufferOf(node) !== node) return 0;
  const written = bytesOf(node);
  if (node.operation === "slice" || node.operation === "gather" || node.operation === "gatherNd") return 2 * written;
  const operands = node.inputs.filter(({ operation }) => operation !== "full");
  return operands.reduce((bytes, operand) => bytes + bytesOf(operand), written);
}

/** Counts a graph's arithmetic by shapes alone. */
export function countFlops(graph: Graph): Cost {
  let [products, elementwise, bytes] = [0, 0, 0];
  const byOperation = new Map<Operation, number>();
  for (const node of graph.nodes) {
    const [product, other] = [productFlops(node), elementwiseFlops(node)];
    products += product;
    elementwise += other;
    bytes += bytesMoved(node);
    if (product + other > 0) byOperation.set(node.operation, (byOperation.get(node.operation) ?? 0) + product + other);
  }
  return { products, elementwise, bytes, byOperation: new Map([...byOperation].sort(([, a], [, b]) => b - a)) };
}
