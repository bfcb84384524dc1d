import * as tf from "@tensorflow/tfjs-core";
import type { Node } from "../../../graph/graph.ts";
import { isBinary, isReduction, isUnary, type ReductionOperation } from "../../../graph/operations.ts";
import { sameShape } from "../../../graph/shapes.ts";
import { sizeOf } from "../../../host-tensor.ts";
import { visibleType } from "../../../trace/visible-type.ts";
import { tensorOf } from "../values.ts";
import { binary, unary } from "./elementwise.ts";
import { broadcast, concat, pad, scatterNd, slice } from "./layout.ts";
import { matmul } from "./matmul.ts";
import { conv2d, conv2dInputGradient, pool } from "./window.ts";

const reductions: {
  readonly [O in ReductionOperation]: (x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor;
} = {
  reduceMax: tf.max,
  reduceMin: tf.min,
  reduceProd: tf.prod,
  reduceSum: tf.sum,
};

function compute(node: Node, inputs: readonly tf.Tensor[]): tf.Tensor {
  const [x, y, z] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor];
  if (isUnary(node.operation)) return unary[node.operation](x);
  if (isBinary(node.operation) && node.operation in binary) {
    return binary[node.operation as keyof typeof binary](x, y);
  }
  if (isReduction(node.operation)) {
    const { axes, keepDims } = (node as Node<ReductionOperation>).attributes;
    if (x.size === 0) return tf.fill([...node.shape], node.operation === "reduceProd" ? 1 : 0, visibleType(node.dtype));
    return reductions[node.operation](x, [...axes], keepDims);
  }
  switch (node.operation) {
    case "constant":
      return tensorOf(node.attributes.value);
    case "full":
      return tf.fill([...node.shape], node.attributes.value, visibleType(node.dtype));
    case "select":
      // tfjs-wasm writes booleans as words here, beyond the end of the result.
      return node.dtype === "bool" ? tf.where(x, tf.cast(y, "int32"), tf.cast(z, "int32")) : tf.where(x, y, z);
    case "cast":
      // Bytes are kept as integers, so a cast to them wraps around by hand.
      if (node.dtype === "uint8") return tf.mod(tf.cast(x, "int32"), 256);
      // tfjs-wasm keeps whatever the number was.
      return node.dtype === "bool" ? tf.notEqual(x, tf.zerosLike(x)) : tf.cast(x, visibleType(node.dtype));
    case "reshape":
      return tf.reshape(x, [...node.shape]);
    case "barrier":
      return tf.clone(x);
    case "transpose":
      return tf.transpose(x, [...node.attributes.permutation]);
    case "broadcast":
      return broadcast(node, x);
    case "slice":
      return slice(node, x);
    case "pad":
      return pad(node, x);
    case "concat":
      return concat(node, inputs);
    case "reverse":
      return tf.reverse(x, [...node.attributes.axes]);
    case "tile":
      return tf.tile(x, [...node.attributes.repetitions]);
    case "gather":
      return tf.gather(x, y, node.attributes.axis);
    case "gatherNd":
      return tf.gatherND(x, y);
    case "scatterNd":
      return scatterNd(node, x, y);
    case "argMax":
      return tf.argMax(x, node.attributes.axis);
    case "argMin":
      return tf.argMin(x, node.attributes.axis);
    case "cumsum":
      return tf.cumsum(x, node.attributes.axis, node.attributes.exclusive, node.attributes.reverse);
    case "topKValues":
      return tf.topk(x, node.attributes.k).values;
    case "topKIndices":
      return tf.topk(x, node.attributes.k).indices;
    case "softmax":
      return tf.softmax(x);
    case "matmul":
      return matmul(node, x, y);
    case "conv2d":
      return conv2d(node, x, y);
    case "conv2dInputGradient":
      return conv2dInputGradient(node, x, y);
    case "maxPool":
    case "averagePool":
      return pool(node, x);
    default:
      throw new Error(`internal: operation ${(node as Node).operation} has no tfjs function`);
  }
}

/**
 * One operation on tensors of the current tfjs backend. The result is the caller's to dispose of; what was needed on
 * the way is disposed of already.
 */
export function evaluate(node: Node, inputs: readonly tf.Tensor[]): tf.Tensor {
  const dtype = visibleType(node.dtype);
  return tf.tidy(() => {
    // tfjs refuses some operations on empty tensors, and there is nothing to compute.
    if (sizeOf(node.shape) === 0) return tf.tensor([], [...node.shape], dtype);
    const result = compute(node, inputs);
    if (!sameShape(result.shape, node.shape)) {
      throw new Error(`internal: ${node.operation} gave [${result.shape}] on tfjs, but its type is [${node.shape}]`);
    }
    return result.dtype === dtype ? result : tf.cast(result, dtype);
  });
}
