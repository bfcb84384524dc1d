import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../host-tensor.ts";
import { axesOf, broadcast, keptShape } from "./broadcast.ts";
import { fromInput, type GradientRule, rule } from "./rule.ts";

/** The gradient of the result of a reduction, with its reduced axes back at size 1. */
const kept = (dy: tf.Tensor, x: tf.Tensor, axes: readonly number[]) => tf.reshape(dy, keptShape(x.shape, axes));

/** dy at every element that equals the extremum; tied elements each receive all of it, as in tfjs. */
function extremum(kernelName: string, axisAttribute: string): GradientRule {
  return rule<{ [axis: string]: number[] }>(kernelName, { inputs: ["x"], outputs: [true] }, (dy, saved, attributes) => {
    const [x, y] = saved as [tf.Tensor, tf.Tensor];
    const axes = axesOf(attributes[axisAttribute], x.shape);
    return {
      x: () => tf.mul(kept(dy, x, axes), tf.cast(tf.equal(x, kept(y, x, axes)), "float32")),
    };
  });
}

/**
 * Product: each element's derivative is the product of all others, from an exclusive running product of each direction,
 * so that zeros are no special case. The reduced axes are moved to the end and joined first.
 */
function productGradient(dy: tf.Tensor, x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  const others = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const order = [...others, ...axes];
  const moved = tf.transpose(x, order);
  const rowShape = others.map((axis) => x.shape[axis] as number);
  const rows = tf.reshape(moved, [...rowShape, sizeOf(axes.map((axis) => x.shape[axis] as number))]);
  const along = rowShape.length;
  const before = tf.cumprod(rows, along, true, false);
  const after = tf.cumprod(rows, along, true, true);
  const dx = tf.mul(tf.reshape(dy, [...rowShape, 1]), tf.mul(before, after));
  return tf.transpose(tf.reshape(dx, moved.shape), tf.backend_util.getUndoAxesPermutation(order));
}

/** Reductions over axes. Sums and means send dy back by broadcasting; a mean divides before, on the small tensor. */
export const reductionGradients: readonly GradientRule[] = [
  extremum("Max", "reductionIndices"),
  extremum("Min", "axis"),
  fromInput<tf.MeanAttrs>("Mean", (dy, x, { axis }) => {
    const axes = axesOf(axis, x.shape);
    const count = sizeOf(axes.map((i) => x.shape[i] as number));
    return broadcast(tf.mul(kept(dy, x, axes), 1 / count), x.shape);
  }),
  fromInput<tf.ProdAttrs>("Prod", (dy, x, { axis }) => productGradient(dy, x, axesOf(axis, x.shape))),
  fromInput<tf.SumAttrs>("Sum", (dy, x, { axis }) => broadcast(kept(dy, x, axesOf(axis, x.shape)), x.shape)),
];
