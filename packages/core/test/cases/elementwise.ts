import * as tf from "@tensorflow/tfjs-core";
import { toBfloat16 } from "../../src/bfloat16.ts";
import { bools, bytes, edgy, floats, given, type Input, ints, positive, small } from "../support/inputs.ts";
import { type AnyFunction, type KernelCase, kernel, on } from "./case.ts";

const unaryOf = (name: string, f: AnyFunction, inputs: readonly Input[]) =>
  inputs.map((input) => on(name, "", f, input));

const anyFloat = [edgy(4, 7), floats(), edgy(1, 1), edgy(0, 3)];
const floatOrInteger = [...anyFloat, ints(3, 5), ints(0)];
const anyNumber = [...floatOrInteger, bools(5)];

// Of integers these give integers in tfjs-cpu.
const truncating = [...anyFloat, given("int32", [8], [0, 1, -1, 2, -2, 5, -7, 8]), ints(0), bools(5)];

const unary: KernelCase[] = [
  ...unaryOf("Abs", tf.abs, floatOrInteger),
  ...unaryOf("Acos", tf.acos, truncating),
  ...unaryOf("Acosh", tf.acosh, truncating),
  ...unaryOf("Asin", tf.asin, truncating),
  ...unaryOf("Asinh", tf.asinh, truncating),
  ...unaryOf("Atan", tf.atan, truncating),
  ...unaryOf("Atanh", tf.atanh, truncating),
  ...unaryOf("Ceil", tf.ceil, anyFloat),
  ...unaryOf("Cos", tf.cos, [positive(3, 4)]),
  ...unaryOf("Cosh", tf.cosh, anyFloat),
  ...unaryOf("Elu", tf.elu, anyFloat),
  ...unaryOf("Erf", tf.erf, floatOrInteger),
  ...unaryOf("Exp", tf.exp, anyNumber),
  ...unaryOf("Expm1", tf.expm1, truncating),
  ...unaryOf("Floor", tf.floor, anyFloat),
  ...unaryOf("IsFinite", tf.isFinite, anyNumber),
  ...unaryOf("IsInf", tf.isInf, anyNumber),
  ...unaryOf("IsNan", tf.isNaN, anyNumber),
  ...unaryOf("Log", tf.log, anyFloat),
  ...unaryOf("Log1p", tf.log1p, truncating),
  ...unaryOf("LogicalNot", tf.logicalNot, [bools(2, 3), bools(), bools(0)]),
  ...unaryOf("Neg", tf.neg, floatOrInteger),
  ...unaryOf("Reciprocal", tf.reciprocal, anyFloat),
  ...unaryOf("Relu", tf.relu, floatOrInteger),
  ...unaryOf("ToBfloat16", (x: tf.Tensor) => tf.neg(toBfloat16(x)), anyFloat),
  ...unaryOf("Relu6", tf.relu6, anyNumber),
  ...unaryOf("Round", tf.round, floatOrInteger),
  ...unaryOf("Rsqrt", tf.rsqrt, anyFloat),
  ...unaryOf("Selu", tf.selu, [...anyFloat, small(4)]),
  ...unaryOf("Sigmoid", tf.sigmoid, anyFloat),
  ...unaryOf("Sign", tf.sign, floatOrInteger),
  ...unaryOf("Sin", tf.sin, [positive(3, 4)]),
  ...unaryOf("Sinh", tf.sinh, truncating),
  ...unaryOf("Softplus", tf.softplus, truncating),
  ...unaryOf("Sqrt", tf.sqrt, anyFloat),
  ...unaryOf("Square", tf.square, [...anyFloat, ints(4)]),
  ...unaryOf("Step", (x: tf.Tensor) => tf.step(x, 0.25), floatOrInteger),
  ...unaryOf("Tan", tf.tan, [floats(3, 4)]),
  ...unaryOf("Tanh", tf.tanh, anyFloat),
  ...unaryOf("LeakyRelu", (x: tf.Tensor) => tf.leakyRelu(x, 0.3), floatOrInteger),
  ...unaryOf("ClipByValue", (x: tf.Tensor) => tf.clipByValue(x, -1.25, 2.5), anyFloat),
  ...unaryOf("ClipByValue", (x: tf.Tensor) => tf.clipByValue(x, -3, 5), [ints(9)]),
  ...unaryOf("Identity", tf.clone, [...anyNumber, bytes(3)]),
  ...unaryOf("OnesLike", tf.onesLike, [...anyNumber, bytes(3)]),
  ...unaryOf("ZerosLike", tf.zerosLike, [...anyNumber, bytes(3)]),
];

const castable = [given("float32", [6], [-1.75, 1.75, 0, -0, 1e9, 0.3]), ints(5), bools(4), bytes(6), floats(0)];
const casts: KernelCase[] = (["float32", "int32", "bool"] as const).flatMap((to) => [
  ...castable.map((input) => on("Cast", `to ${to}`, (x: tf.Tensor) => tf.cast(x, to), input)),
  on("Cast", `beyond the range, to ${to}`, (x: tf.Tensor) => tf.cast(x, to), edgy(27)),
]);

type Shapes = readonly [readonly number[], readonly number[]];
const pairs: readonly Shapes[] = [
  [
    [7, 9],
    [7, 9],
  ],
  [
    [2, 1, 9],
    [4, 1],
  ],
  [[], [5]],
  [[1, 1], [1]],
  [
    [0, 3],
    [1, 3],
  ],
  [
    [3, 1],
    [1, 0],
  ],
];

const binaryOf = (name: string, f: AnyFunction, makers: readonly ((...shape: number[]) => Input)[]) =>
  makers.flatMap((make) => pairs.map(([a, b]) => on(name, "", f, make(...a), make(...b))));

const mixed = (name: string, f: AnyFunction) => [
  on(name, "integers with floats", f, ints(2, 3), floats(3)),
  on(name, "booleans with floats", f, bools(2, 3), floats(3)),
];

const nonZero = (...shape: number[]): Input => ({ dtype: "int32", shape, values: [1, -1, 2, -3, 7, -100] });

const moderate = (...shape: number[]): Input => ({
  dtype: "float32",
  shape,
  values: [0, 0.5, -0.5, 7.25, -7.25, 30, -20, 2.5, -2.5, 3, -3, 1e-3],
});

const binary: KernelCase[] = [
  ...binaryOf("Add", tf.add, [edgy, ints]),
  ...mixed("Add", tf.add),
  ...binaryOf("Atan2", tf.atan2, [edgy]),
  on("Atan2", "of integers, without the fraction", tf.atan2, ints(9, 1), ints(9)),
  on("Atan2", "of booleans", tf.atan2, bools(4, 1), bools(5)),
  ...binaryOf("BitwiseAnd", tf.bitwiseAnd, [ints]).filter(({ inputs: [a, b] }) => `${a?.shape}` === `${b?.shape}`),
  ...binaryOf("Equal", tf.equal, [edgy, ints, bools]),
  ...pairs.map(([a, b]) => on("FloorDiv", "", tf.floorDiv, ints(...a), nonZero(...b))),
  ...pairs.map(([a, b]) => on("FloorDiv", "of floats", tf.floorDiv, floats(...a), positive(...b))),
  on("FloorDiv", "by zero", tf.floorDiv, ints(17), given("int32", [1], [0])),
  on("FloorDiv", "by tf.div of integers", tf.div, ints(17), given("int32", [1], [-4])),
  ...binaryOf("Greater", tf.greater, [edgy, ints, bools]),
  ...binaryOf("GreaterEqual", tf.greaterEqual, [edgy, ints, bools]),
  ...binaryOf("Less", tf.less, [edgy, ints, bools]),
  ...binaryOf("LessEqual", tf.lessEqual, [edgy, ints, bools]),
  ...binaryOf("LogicalAnd", tf.logicalAnd, [bools]),
  ...binaryOf("LogicalOr", tf.logicalOr, [bools]),
  on("LogicalAnd", "by tf.logicalXor", tf.logicalXor, bools(4, 1), bools(5)),
  ...binaryOf("Maximum", tf.maximum, [edgy, ints, bools]),
  ...binaryOf("Minimum", tf.minimum, [edgy, ints, bools]),
  ...binaryOf("Mod", tf.mod, [moderate]),
  ...pairs.map(([a, b]) => on("Mod", "", tf.mod, ints(...a), nonZero(...b))),
  on("Mod", "by infinity", tf.mod, moderate(13, 1), given("float32", [2], [Infinity, -Infinity])),
  on("Mod", "by zero", tf.mod, ints(17), given("int32", [1], [0])),
  ...binaryOf("Multiply", tf.mul, [edgy, ints]),
  ...mixed("Multiply", tf.mul),
  ...binaryOf("NotEqual", tf.notEqual, [edgy, ints, bools]),
  ...pairs.map(([a, b]) => on("Pow", "", tf.pow, edgy(...a), floats(...b))),
  ...pairs.map(([a, b]) =>
    on("Pow", "of whole exponents", tf.pow, edgy(...a), given("float32", b, [0, 1, 2, 3, -1, -2])),
  ),
  on("Pow", "edges", tf.pow, edgy(27, 1), given("float32", [7], [0, -0, 0.5, -2.5, 3, 1e-3, 30])),
  on("Pow", "of integers", tf.pow, given("int32", [3, 4], [0, 1, -1, 2, -2, 3, 5, -7, 8, 30, -31, 40]), small(4)),
  ...binaryOf("Prelu", tf.prelu, [edgy]).filter(
    ({ inputs: [a, b] }) => (a?.shape.length ?? 0) >= (b?.shape.length ?? 0),
  ),
  ...binaryOf("RealDiv", tf.div, [edgy]),
  on(
    "RealDiv",
    "of integers",
    kernel("RealDiv", ["a", "b"]),
    ints(17),
    given("int32", [17], [1, 2, -3, 4, 5, -6, 7, 8, 9, 1, 2, 3, 4, 0, 6, 7, 8]),
  ),
  ...mixed("RealDiv", tf.div),
  ...binaryOf("SquaredDifference", tf.squaredDifference, [edgy, small]),
  ...binaryOf("Sub", tf.sub, [edgy, ints]),
  on("Prelu", "edges of slopes", tf.prelu, edgy(27, 1), edgy(27)),
  on("Prelu", "of integers, which gives floats", tf.prelu, ints(9), ints(9)),
  on("Prelu", "of booleans with floats", tf.prelu, bools(9), edgy(9)),
  on("AddN", "", (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => tf.addN([a, b, c]), edgy(3), edgy(3), edgy(3)),
  on("AddN", "of integers", (a: tf.Tensor, b: tf.Tensor) => tf.addN([a, b]), ints(3), ints(3)),
  on("EluGrad", "", kernel("EluGrad", ["dy", "y"]), floats(3, 4), floats(3, 4)),
  on("Select", "", tf.where, bools(7, 9), edgy(7, 9), edgy(7, 9)),
  on("Select", "of integers", tf.where, bools(7), ints(7), ints(7)),
  on("Select", "of booleans", tf.where, bools(7), bools(7), bools(7)),
  on("Select", "of integers and a number", (c: tf.Tensor, x: tf.Tensor) => tf.where(c, x, 0.5), bools(7), ints(7)),
  on("Select", "of booleans and integers", tf.where, bools(7), bools(7), ints(7)),
  on("Select", "broadcast", tf.where, bools(4, 1), floats(3), floats(2, 1, 1)),
  on("Select", "of nothing", tf.where, bools(0), floats(0), floats(0)),
];

/** Functions of the elements in one place. */
export const elementwiseCases: readonly KernelCase[] = [...unary, ...casts, ...binary];
