import { roundToBfloat16 } from "../files/half.ts";
import type { DType } from "../host-tensor.ts";
import type { BinaryOperation, UnaryOperation } from "./operations.ts";

/** What a number becomes when a tensor of that dtype keeps it: floats round to the nearest, integers wrap around. */
export function keepNumber(value: number, dtype: DType): number {
  switch (dtype) {
    case "float32":
      return Math.fround(value);
    case "bfloat16":
      return roundToBfloat16(value);
    case "int32":
      return value | 0;
    case "uint8":
      return value & 255;
    case "bool":
      return value === 0 ? 0 : 1;
    default:
      return dtype satisfies never;
  }
}

/** What a cast makes of a number. In int32, NaN becomes 0 and what lies beyond wraps around, as in tfjs. */
export function castNumber(value: number, to: DType): number {
  return keepNumber(to === "int32" || to === "uint8" ? Math.trunc(value) : value, to);
}

/**
 * The error function to double precision: its Maclaurin series near 0, and the continued fraction of erfc beyond
 * (Abramowitz and Stegun 7.1.5 and 7.1.14).
 */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x) || size > 6) return Math.sign(x);
  if (size < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18; n++) {
      term *= -(x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / (size + fraction));
}

/** To the nearest integer, halves to the even one. */
function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  const rounded = rest < 0.5 ? below : rest > 0.5 ? below + 1 : below % 2 === 0 ? below : below + 1;
  return rounded === 0 ? 0 * Math.sign(x) : rounded;
}

const unaryFunctions: Readonly<Record<UnaryOperation, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => 1 / x,
  square: (x) => x * x,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  erf,
  relu: (x) => Math.max(x, 0),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  ceil: Math.ceil,
  floor: Math.floor,
  round: roundHalfToEven,
  isNaN: (x) => Number(Number.isNaN(x)),
  isInf: (x) => Number(Math.abs(x) === Number.POSITIVE_INFINITY),
  isFinite: (x) => Number(Number.isFinite(x)),
  not: (x) => Number(x === 0),
};

const binaryFunctions: Readonly<Record<BinaryOperation, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  floorDiv: (a, b) => Math.floor(a / b),
  // The sign of the divisor; NaN if that is infinite and has another sign than a.
  mod: (a, b) => (a < 0 === b < 0 ? a % b : ((a % b) + b) % b),
  // Unlike Math.pow, IEEE 754 gives 1 for pow(1, NaN) and for pow(±1, ±∞).
  pow: (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b),
  max: Math.max,
  min: Math.min,
  atan2: Math.atan2,
  equal: (a, b) => Number(a === b),
  notEqual: (a, b) => Number(a !== b),
  less: (a, b) => Number(a < b),
  lessEqual: (a, b) => Number(a <= b),
  greater: (a, b) => Number(a > b),
  greaterEqual: (a, b) => Number(a >= b),
  and: (a, b) => Number(a !== 0 && b !== 0),
  or: (a, b) => Number(a !== 0 || b !== 0),
  xor: (a, b) => Number((a !== 0) !== (b !== 0)),
  bitAnd: (a, b) => a & b,
  bitOr: (a, b) => a | b,
  bitXor: (a, b) => a ^ b,
  // Counts are taken modulo 32; a shift to the right fills with zeros.
  shiftLeft: (a, b) => a << b,
  shiftRight: (a, b) => (a >>> b) | 0,
};

/** Where int32 arithmetic differs from that of doubles: a product may exceed 2⁵³, and division truncates. */
const integerFunctions: Readonly<Partial<Record<BinaryOperation, (a: number, b: number) => number>>> = {
  mul: Math.imul,
  div: (a, b) => Math.trunc(a / b),
};

/** A unary operation on one number of a dtype, in double precision; a bool is 0 or 1. */
export function unaryFunction(operation: UnaryOperation, dtype: DType): (x: number) => number {
  return operation === "square" && dtype === "int32" ? (x) => Math.imul(x, x) : unaryFunctions[operation];
}

/** A binary operation on two numbers of a dtype, in double precision. */
export function binaryFunction(operation: BinaryOperation, dtype: DType): (a: number, b: number) => number {
  return (dtype === "int32" && integerFunctions[operation]) || binaryFunctions[operation];
}
