import * as tf from "@tensorflow/tfjs-core";
import type { BinaryOperation, UnaryOperation } from "../../../graph/operations.ts";

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** tfjs functions by operation of one operand. */
export const unary: { readonly [O in UnaryOperation]: Unary } = {
  abs: tf.abs,
  acos: tf.acos,
  acosh: tf.acosh,
  asin: tf.asin,
  asinh: tf.asinh,
  atan: tf.atan,
  atanh: tf.atanh,
  ceil: tf.ceil,
  cos: tf.cos,
  cosh: tf.cosh,
  elu: tf.elu,
  erf: tf.erf,
  exp: tf.exp,
  expm1: tf.expm1,
  floor: tf.floor,
  isFinite: tf.isFinite,
  isInf: tf.isInf,
  isNaN: tf.isNaN,
  log: tf.log,
  log1p: tf.log1p,
  neg: tf.neg,
  not: tf.logicalNot,
  reciprocal: tf.reciprocal,
  relu: tf.relu,
  round: tf.round,
  rsqrt: tf.rsqrt,
  sigmoid: tf.sigmoid,
  sign: tf.sign,
  sin: tf.sin,
  sinh: tf.sinh,
  softplus: tf.softplus,
  sqrt: tf.sqrt,
  square: tf.square,
  tan: tf.tan,
  tanh: tf.tanh,
};

/** Operations of whole numbers that tfjs lacks or has on one backend only; `host.ts` computes them. */
export type BitOperation = "bitAnd" | "bitOr" | "bitXor" | "shiftLeft" | "shiftRight";

const isInteger = (x: tf.Tensor) => x.dtype === "int32";

/** tfjs functions by operation of two operands of equal dtype. */
export const binary: { readonly [O in Exclude<BinaryOperation, BitOperation>]: Binary } = {
  add: tf.add,
  and: tf.logicalAnd,
  atan2: tf.atan2,
  // tf.div of integers rounds down, where the operation drops the fraction; the kernel beneath it does just that.
  div: (a, b) => (isInteger(a) ? (tf.engine().runKernel(tf.RealDiv, { a, b }) as tf.Tensor) : tf.div(a, b)),
  equal: tf.equal,
  // The kernel FloorDiv yields integers even from floats.
  floorDiv: (a, b) => (isInteger(a) ? tf.floorDiv(a, b) : tf.floor(tf.div(a, b))),
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
  max: tf.maximum,
  min: tf.minimum,
  mod: tf.mod,
  mul: tf.mul,
  notEqual: tf.notEqual,
  or: tf.logicalOr,
  pow: tf.pow,
  sub: tf.sub,
  xor: tf.logicalXor,
};
