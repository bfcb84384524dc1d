import * as tf from "@tensorflow/tfjs-core";
import { sumToShape, zeros } from "./broadcast.ts";
import { fromInput, fromOutput, type GradientRule, linear, rule } from "./rule.ts";

// Self-normalising networks (Klambauer et al. 2017), as tfjs rounds them.
const seluScaleAlpha = 1.7580993408473768;
const seluScale = 1.0507009873554805;

/** dy where the mask holds, else 0; blocks an infinite or undefined dy where a product with 0 would not. */
const masked = (mask: tf.Tensor, dy: tf.Tensor) => tf.where(mask, dy, tf.zerosLike(dy));

/**
 * Functions of one operand. A rule reads the output where the derivative is a function of it, so that the operand can be
 * freed; derivatives at kinks are 0, except that clipping passes dy at its bounds, as in TensorFlow.
 */
export const elementwiseGradients: readonly GradientRule[] = [
  fromInput("Abs", (dy, x) => tf.mul(dy, tf.sign(x))),
  fromInput("Acos", (dy, x) => tf.neg(tf.mul(dy, tf.rsqrt(tf.sub(1, tf.square(x)))))),
  fromInput("Acosh", (dy, x) => tf.mul(dy, tf.rsqrt(tf.sub(tf.square(x), 1)))),
  fromInput("Asin", (dy, x) => tf.mul(dy, tf.rsqrt(tf.sub(1, tf.square(x))))),
  fromInput("Asinh", (dy, x) => tf.mul(dy, tf.rsqrt(tf.add(tf.square(x), 1)))),
  fromInput("Atan", (dy, x) => tf.div(dy, tf.add(tf.square(x), 1))),
  fromInput("Atanh", (dy, x) => tf.div(dy, tf.sub(1, tf.square(x)))),
  fromInput<tf.ClipByValueAttrs>("ClipByValue", (dy, x, { clipValueMin, clipValueMax }) =>
    masked(tf.logicalAnd(tf.greaterEqual(x, clipValueMin), tf.lessEqual(x, clipValueMax)), dy),
  ),
  fromInput("Cos", (dy, x) => tf.neg(tf.mul(dy, tf.sin(x)))),
  fromInput("Cosh", (dy, x) => tf.mul(dy, tf.sinh(x))),
  // y = x for x > 0, else eˣ - 1, whose derivative is y + 1.
  fromOutput("Elu", (dy, y) => tf.mul(dy, tf.add(tf.minimum(y, 0), 1))),
  fromInput("Erf", (dy, x) => tf.mul(dy, tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI)))),
  fromOutput("Exp", (dy, y) => tf.mul(dy, y)),
  fromOutput("Expm1", (dy, y) => tf.mul(dy, tf.add(y, 1))),
  linear("Identity", (dy) => tf.clone(dy)),
  fromInput<tf.LeakyReluAttrs>("LeakyRelu", (dy, x, { alpha }) => tf.where(tf.greater(x, 0), dy, tf.mul(dy, alpha))),
  fromInput("Log", (dy, x) => tf.div(dy, x)),
  fromInput("Log1p", (dy, x) => tf.div(dy, tf.add(x, 1))),
  linear("Neg", (dy) => tf.neg(dy)),
  fromOutput("Reciprocal", (dy, y) => tf.neg(tf.mul(dy, tf.square(y)))),
  fromOutput("Relu", (dy, y) => masked(tf.greater(y, 0), dy)),
  fromOutput("Relu6", (dy, y) => masked(tf.logicalAnd(tf.greater(y, 0), tf.less(y, 6)), dy)),
  fromOutput("Rsqrt", (dy, y) => tf.mul(tf.mul(dy, -0.5), tf.mul(y, tf.square(y)))),
  fromOutput("Selu", (dy, y) =>
    tf.where(tf.greater(y, 0), tf.mul(dy, seluScale), tf.mul(dy, tf.add(y, seluScaleAlpha))),
  ),
  fromOutput("Sigmoid", (dy, y) => tf.mul(dy, tf.mul(y, tf.sub(1, y)))),
  fromInput("Sin", (dy, x) => tf.mul(dy, tf.cos(x))),
  fromInput("Sinh", (dy, x) => tf.mul(dy, tf.cosh(x))),
  fromInput("Softplus", (dy, x) => tf.mul(dy, tf.sigmoid(x))),
  fromOutput("Sqrt", (dy, y) => tf.div(tf.mul(dy, 0.5), y)),
  fromInput("Square", (dy, x) => tf.mul(dy, tf.mul(x, 2))),
  fromOutput("Tan", (dy, y) => tf.mul(dy, tf.add(tf.square(y), 1))),
  fromOutput("Tanh", (dy, y) => tf.mul(dy, tf.sub(1, tf.square(y)))),

  // A float becomes an integer or a truth value in steps, so nothing flows back through it.
  fromInput<tf.CastAttrs>("Cast", (dy, x, { dtype }) => (dtype === "float32" ? tf.clone(dy) : zeros(x.shape))),
  // tf.where stretches its operands itself, except to an empty shape.
  rule("Select", { inputs: ["condition", "t", "e"] }, (dy, saved) => {
    const [condition, t, e] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
    return {
      condition: () => zeros(condition.shape),
      t: () => sumToShape(tf.where(condition, dy, tf.zerosLike(dy)), t.shape),
      e: () => sumToShape(tf.where(condition, tf.zerosLike(dy), dy), e.shape),
    };
  }),
];
