import * as tf from "@tensorflow/tfjs-core";
import { cases, type GradientCase, positive, type Values, zero } from "./case.ts";

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
type Options = Parameters<typeof cases>[3];

const unary = (kernel: string, f: Unary, values?: Values) =>
  cases(kernel, f, ["[2,3]", "[1]", "[]", "[0,3]"], values ? { values } : {});

const alike = ["[2,3] [2,3]"];
const broadcast = ["[2,3] [3]", "[2,1,3] [4,1]", "[1] [2,2]", "[] [3]", "[1,1] [1]"];
const emptyBroadcast = ["[2,0] [1,1]"];

const binary = (kernel: string, f: Binary, options: Options = {}) => [
  ...cases(kernel, f, [...alike, ...broadcast], options),
  ...cases(kernel, f, emptyBroadcast, { ...options, peer: "throws" }),
];

/** tfjs does not sum the gradients of these over broadcast axes. */
const binaryUnsummed = (kernel: string, f: Binary, options: Options = {}) => [
  ...cases(kernel, f, alike, options),
  ...cases(kernel, f, [...broadcast, ...emptyBroadcast], { ...options, peer: "throws" }),
];

/** Functions of one element. */
const unaryCases: readonly GradientCase[] = [
  ...unary("Abs", tf.abs, "distinct"),
  ...unary("Acos", tf.acos, [-0.7, 0.7]),
  ...unary("Acosh", tf.acosh, [1.5, 3]),
  ...unary("Asin", tf.asin, [-0.7, 0.7]),
  ...unary("Asinh", tf.asinh),
  ...unary("Atan", tf.atan),
  ...unary("Atanh", tf.atanh, [-0.7, 0.7]),
  ...unary("Cast", (x) => tf.cast(x, "float32")),
  ...unary("ClipByValue", (x) => tf.clipByValue(x, -0.28, 0.47), "distinct"),
  ...unary("Cos", tf.cos),
  ...unary("Cosh", tf.cosh),
  ...unary("Elu", tf.elu, "distinct"),
  ...unary("Erf", tf.erf),
  ...unary("Exp", tf.exp),
  ...unary("Expm1", tf.expm1),
  ...unary("Identity", tf.clone),
  ...unary("LeakyRelu", (x) => tf.leakyRelu(x, 0.3), "distinct"),
  ...unary("Log", tf.log, positive),
  ...unary("Log1p", tf.log1p, positive),
  ...unary("Neg", tf.neg),
  ...unary("Reciprocal", tf.reciprocal, positive),
  ...unary("Relu", tf.relu, "distinct"),
  ...unary("Relu6", (x) => tf.relu6(tf.mul(x, 8)), "distinct"),
  ...unary("Rsqrt", tf.rsqrt, positive),
  ...unary("Selu", tf.selu, "distinct"),
  ...unary("Sigmoid", tf.sigmoid),
  ...unary("Sin", tf.sin),
  ...unary("Sinh", tf.sinh),
  ...unary("Softplus", tf.softplus),
  ...unary("Sqrt", tf.sqrt, positive),
  ...unary("Square", tf.square),
  ...unary("Tan", tf.tan, [-0.9, 0.9]),
  ...unary("Tanh", tf.tanh),
];

/** Functions of several elements, under broadcasting. */
const arithmeticCases: readonly GradientCase[] = [
  ...binary("Add", tf.add),
  ...cases("AddN", (a, b, c) => tf.addN([a, b, c]), ["[2,3] [2,3] [2,3]", "[0] [0] [0]"]),
  ...binary("Atan2", tf.atan2, { values: positive }),
  ...binaryUnsummed("Maximum", tf.maximum, { values: "distinct" }),
  ...binaryUnsummed("Minimum", tf.minimum, { values: "distinct" }),
  ...binary("Mod", (a, b) => tf.mod(a, tf.add(tf.abs(b), 9)), { values: "distinct" }),
  ...binary("Multiply", tf.mul),
  ...binary("Pow", tf.pow, { values: positive }),
  ...cases("Pow", (x) => tf.pow(x, tf.scalar(0)), ["[3]"], { values: zero, peer: "wrong", note: "0 to the 0" }),
  ...cases("Prelu", tf.prelu, ["[2,3] [2,3]", "[2,3] [3]"], { values: "distinct" }),
  ...cases("Prelu", tf.prelu, ["[1] [2,2]", "[] [3]", "[2,0] [1,1]"], { values: "distinct", peer: "throws" }),
  ...binary("RealDiv", tf.div, { values: positive }),
  ...binary("Select", (a, b) => tf.where(tf.greaterEqual(a, b), tf.square(a), tf.mul(a, b)), { values: "distinct" }),
  ...binaryUnsummed("SquaredDifference", tf.squaredDifference),
  ...binary("Sub", tf.sub),
];

export const elementwiseCases: readonly GradientCase[] = [...unaryCases, ...arithmeticCases];
