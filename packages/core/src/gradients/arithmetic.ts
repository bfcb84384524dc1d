import * as tf from "@tensorflow/tfjs-core";
import { sumToShape } from "./broadcast.ts";
import { type GradientRule, rule, ruleOfList } from "./rule.ts";

type PartialDerivative = (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** y = f(a, b) under broadcasting: the partial derivatives times dy, each summed back to its operand's shape. */
function binary(
  kernelName: string,
  partials: { readonly a: PartialDerivative; readonly b: PartialDerivative },
): GradientRule {
  return rule(kernelName, { inputs: ["a", "b"] }, (dy, saved) => {
    const [a, b] = saved as [tf.Tensor, tf.Tensor];
    return {
      a: () => sumToShape(partials.a(dy, a, b), a.shape),
      b: () => sumToShape(partials.b(dy, a, b), b.shape),
    };
  });
}

const mask = (condition: tf.Tensor, dy: tf.Tensor) => tf.mul(dy, tf.cast(condition, "float32"));

/** Functions of two operands, and sums of many. Where a maximum or minimum ties, dy goes to the first operand. */
export const arithmeticGradients: readonly GradientRule[] = [
  binary("Add", { a: (dy) => dy, b: (dy) => dy }),
  ruleOfList("AddN", (dy, terms) => terms.map(() => () => tf.clone(dy))),
  binary("Atan2", {
    a: (dy, a, b) => tf.mul(dy, tf.div(b, tf.add(tf.square(a), tf.square(b)))),
    b: (dy, a, b) => tf.neg(tf.mul(dy, tf.div(a, tf.add(tf.square(a), tf.square(b))))),
  }),
  binary("Maximum", {
    a: (dy, a, b) => mask(tf.greaterEqual(a, b), dy),
    b: (dy, a, b) => mask(tf.less(a, b), dy),
  }),
  binary("Minimum", {
    a: (dy, a, b) => mask(tf.lessEqual(a, b), dy),
    b: (dy, a, b) => mask(tf.greater(a, b), dy),
  }),
  // a mod b = a - b·floor(a / b), where the floor is constant between its steps.
  binary("Mod", { a: (dy) => dy, b: (dy, a, b) => tf.neg(tf.mul(dy, tf.floor(tf.div(a, b)))) }),
  binary("Multiply", { a: (dy, _, b) => tf.mul(dy, b), b: (dy, a) => tf.mul(dy, a) }),
  binary("SquaredDifference", {
    a: (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(a, b), 2)),
    b: (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(b, a), 2)),
  }),

  rule("RealDiv", { inputs: ["a", "b"] }, (dy, saved) => {
    const [a, b] = saved as [tf.Tensor, tf.Tensor];
    return {
      a: () => sumToShape(tf.div(dy, b), a.shape),
      // -dy·a/b²: a/b is the forward value, and b does not vary along the axes that are summed.
      b: () => tf.neg(tf.div(sumToShape(tf.mul(dy, tf.div(a, b)), b.shape), b)),
    };
  }),
  rule("Pow", { inputs: ["a", "b"], outputs: [true] }, (dy, saved) => {
    const [a, b, y] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
    return {
      // b·aᵇ⁻¹, with exponent 0 where b = 0: there the derivative is 0 also at a = 0.
      a: () => {
        const exponent = tf.sub(b, tf.cast(tf.notEqual(b, 0), "float32"));
        return sumToShape(tf.mul(dy, tf.mul(b, tf.pow(a, exponent))), a.shape);
      },
      // aᵇ·ln a, and 0 where the base is not positive (the power is then defined at isolated exponents only).
      b: () => {
        const logarithm = tf.where(tf.greater(a, 0), tf.log(a), tf.zerosLike(a));
        return sumToShape(tf.mul(dy, tf.mul(y, logarithm)), b.shape);
      },
    };
  }),
  rule("Prelu", { inputs: ["x", "alpha"] }, (dy, saved) => {
    const [x, alpha] = saved as [tf.Tensor, tf.Tensor];
    return {
      x: () => sumToShape(tf.where(tf.greater(x, 0), dy, tf.mul(dy, alpha)), x.shape),
      alpha: () => sumToShape(tf.mul(dy, tf.minimum(x, 0)), alpha.shape),
    };
  }),
  rule("Sub", { inputs: ["a", "b"] }, (dy, saved) => {
    const [a, b] = saved as [tf.Tensor, tf.Tensor];
    return { a: () => sumToShape(dy, a.shape), b: () => tf.neg(sumToShape(dy, b.shape)) };
  }),
];
