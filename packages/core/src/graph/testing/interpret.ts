import type { HostTensor } from "../../host-tensor.ts";
import type { Graph, Node } from "../graph.ts";
import { isBinary, isReduction, isUnary } from "../operations.ts";
import { binaryFunction, castNumber, unaryFunction } from "../scalars.ts";
import { sameShape } from "../shapes.ts";
import { argExtreme, cumsum, reduce, softmax, topK } from "./along-axes.ts";
import { concat, pad, rearrange, scatterNd, select } from "./layout.ts";
import { conv2d, conv2dInputGradient, matmul, pool } from "./products.ts";
import { randomBitsAt } from "./random.ts";
import { atBroadcast, keep, type Rounding, tabulate, toHostTensor, toValue, type Value } from "./value.ts";

/**
 * Computes one operation in double precision, by the plainest loops that its definition allows.
 *
 * @throws Error for an `input` node, whose value only the caller knows.
 */
function compute(node: Node, inputs: readonly Value[], rounding: Rounding): Value {
  const [x, y, z] = inputs as readonly [Value, Value, Value];
  if (isUnary(node.operation)) {
    const f = unaryFunction(node.operation, x.dtype);
    return { ...node, data: x.data.map((element) => f(element)) };
  }
  if (isBinary(node.operation)) {
    const f = binaryFunction(node.operation, x.dtype);
    return tabulate(node.dtype, node.shape, (index) => f(atBroadcast(x, index), atBroadcast(y, index)));
  }
  if (isReduction(node.operation)) return reduce(node as Node<typeof node.operation>, x);
  switch (node.operation) {
    case "constant":
      return toValue(node.attributes.value);
    case "full": {
      const { value } = node.attributes;
      return tabulate(node.dtype, node.shape, () => value);
    }
    case "select":
      return select(node, x, y, z);
    case "cast":
      return {
        ...node,
        data: x.data.map((element) =>
          rounding === "none" && node.dtype === "float32" ? element : castNumber(element, node.dtype),
        ),
      };
    case "reshape":
    case "barrier":
      return { ...node, data: x.data };
    case "transpose":
    case "broadcast":
    case "slice":
    case "reverse":
    case "tile":
      return rearrange(node, x);
    case "gather":
    case "gatherNd":
      return rearrange(node, x, y);
    case "pad":
      return pad(node, x);
    case "concat":
      return concat(node, inputs);
    case "scatterNd":
      return scatterNd(node, x, y);
    case "argMax":
    case "argMin":
      return argExtreme(node, x);
    case "cumsum":
      return cumsum(node, x, rounding);
    case "topKValues":
    case "topKIndices":
      return topK(node, x);
    case "softmax":
      return softmax(node, x);
    case "matmul":
      return matmul(node, x, y);
    case "conv2d":
      return conv2d(node, x, y);
    case "conv2dInputGradient":
      return conv2dInputGradient(node, x, y);
    case "maxPool":
    case "averagePool":
      return pool(node, x);
    case "randomBits": {
      const key = [...x.data] as [number, number];
      return tabulate("int32", node.shape, (_, position) => randomBitsAt(key, position));
    }
    case "input":
      throw new Error(`internal: input "${node.attributes.name}" cannot be computed`);
    default:
      throw new Error(`internal: the interpreter has no rule for ${(node as Node).operation}`);
  }
}

function evaluate(node: Node, inputs: readonly Value[], rounding: Rounding): Value {
  const { dtype, shape, data } = compute(node, inputs, rounding);
  return { dtype, shape, data: data.map((element) => keep(element, dtype, rounding)) };
}

/**
 * The values of a graph's outputs, computed node by node by definition: slow, and the referee between engines and
 * passes. Inner sums are taken in double precision; with `rounding: "none"` intermediate floats stay so too, which
 * gives a reference for error measurements and central differences.
 *
 * @throws RangeError when the inputs are not those of the graph.
 */
export function interpretValues(
  graph: Graph,
  inputs: readonly HostTensor[],
  { rounding = "float32" }: { readonly rounding?: Rounding } = {},
): Value[] {
  if (inputs.length !== graph.inputs.length) {
    throw new RangeError(`the graph has ${graph.inputs.length} inputs, but ${inputs.length} values were given`);
  }
  const values = new Map<Node, Value>();
  for (const [i, node] of graph.inputs.entries()) {
    const given = inputs[i] as HostTensor;
    if (given.dtype !== node.dtype || !sameShape(given.shape, node.shape)) {
      throw new RangeError(
        `input "${node.attributes.name}" is ${node.dtype}[${node.shape}], but ${given.dtype}[${given.shape}] was given`,
      );
    }
    values.set(node, toValue(given));
  }
  const valueAt = (node: Node) => values.get(node) as Value;
  for (const node of graph.nodes) {
    if (node.operation !== "input") values.set(node, evaluate(node, node.inputs.map(valueAt), rounding));
  }
  return graph.outputs.map(valueAt);
}

/** {@link interpretValues} with every value rounded to its dtype, as host tensors. */
export function interpretGraph(graph: Graph, inputs: readonly HostTensor[]): HostTensor[] {
  return interpretValues(graph, inputs).map(toHostTensor);
}

/** One operation on host tensors: an evaluator for constant folding. */
export function interpretNode(node: Node, inputs: readonly HostTensor[]): HostTensor {
  return toHostTensor(evaluate(node, inputs.map(toValue), "float32"));
}
