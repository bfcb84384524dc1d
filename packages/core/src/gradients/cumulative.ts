import * as tf from "@tensorflow/tfjs-core";
import { fromInput, type GradientRule, linear } from "./rule.ts";

/** x moved `by` places towards the start of an axis; zeros enter at its end. */
function advance(x: tf.Tensor, axis: number, by: number): tf.Tensor {
  const size = x.shape[axis] as number;
  const begin = x.shape.map((_, i) => (i === axis ? by : 0));
  const paddings = x.shape.map((_, i): [number, number] => [0, i === axis ? by : 0]);
  return tf.pad(
    tf.slice(
      x,
      begin,
      x.shape.map((n, i) => (i === axis ? size - by : n)),
    ),
    paddings,
  );
}

/**
 * s of the recurrence sᵢ = bᵢ + aᵢ·sᵢ₊₁ along an axis, in ⌈log₂ n⌉ doublings: after each, sᵢ holds twice as many terms
 * and aᵢ is the product of twice as many factors.
 */
function backwardRecurrence(a: tf.Tensor, b: tf.Tensor, axis: number): tf.Tensor {
  const size = b.shape[axis] as number;
  let factor = a;
  let sum = b;
  for (let reach = 1; reach < size; reach *= 2) {
    sum = tf.add(sum, tf.mul(factor, advance(sum, axis, reach)));
    factor = tf.mul(factor, advance(factor, axis, reach));
  }
  return sum;
}

/**
 * Running product yᵢ = x₀⋯xᵢ. The derivative of the loss by xⱼ is (x₀⋯xⱼ₋₁)·sⱼ with sⱼ = dyⱼ + xⱼ₊₁·sⱼ₊₁: no division,
 * so zeros in x are no special case. An exclusive product is the inclusive one moved by a place.
 */
function runningProductGradient(dy: tf.Tensor, x: tf.Tensor, { axis, exclusive, reverse }: tf.CumprodAttrs): tf.Tensor {
  const along = axis < 0 ? axis + x.rank : axis;
  if (x.shape[along] === 0) return tf.clone(dy);
  const flip = (t: tf.Tensor) => (reverse ? tf.reverse(t, along) : t);
  const values = flip(x);
  const inclusive = exclusive ? advance(flip(dy), along, 1) : flip(dy);
  const suffix = backwardRecurrence(advance(values, along, 1), inclusive, along);
  return flip(tf.mul(tf.cumprod(values, along, true), suffix));
}

/** Running sums and products. */
export const cumulativeGradients: readonly GradientRule[] = [
  fromInput<tf.CumprodAttrs>("Cumprod", runningProductGradient),
  linear<tf.CumsumAttrs>("Cumsum", (dy, { axis, exclusive, reverse }) => tf.cumsum(dy, axis, exclusive, !reverse)),
];
