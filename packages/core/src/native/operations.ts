import * as math from "./math.ts";
import { pow } from "./power.ts";
import type { BinaryOp, ReduceOp, RowType, UnaryOp } from "./row-program.ts";
import { type comparison, rounding, type Variable, type VectorCode } from "./vector-code.ts";

/*
 * How each operation of a row program becomes vector code. A bool is a lane of all ones or all zeros.
 */

type UnaryRule = (code: VectorCode, x: Variable, type: RowType) => Variable;
type BinaryRule = (code: VectorCode, a: Variable, b: Variable, type: RowType) => Variable;

const signBit = 0x80000000;
const zero = (code: VectorCode) => code.int(0);

/** The operation for floats or that for integers. */
const byType =
  (float: UnaryRule, int: UnaryRule): UnaryRule =>
  (code, x, type) =>
    type === "float32" ? float(code, x, type) : int(code, x, type);

const unaryRules: Record<UnaryOp, UnaryRule> = {
  neg: byType(
    (code, x) => code.xor(x, code.int(signBit)),
    (code, x) => code.subInt(zero(code), x),
  ),
  abs: byType(
    (code, x) => code.and(x, code.int(0x7fffffff)),
    (code, x) => code.apply("absInt", [x]),
  ),
  square: (code, x, type) => multiply(code, x, x, type),
  sign: byType(
    (code, x) => {
      const one = code.or(code.and(x, code.int(signBit)), code.float(1));
      // Zeros and NaN are their own signs.
      const isNonzeroNumber = code.or(code.compare(x, zero(code), "less"), code.compare(x, zero(code), "greater"));
      return code.select(isNonzeroNumber, one, x);
    },
    (code, x) => code.apply("maxInt", [code.apply("minInt", [x, code.int(1)]), code.int(-1)]),
  ),
  not: (code, x) => code.xor(x, code.int(-1)),
  relu: byType(
    (code, x) => code.maximum(zero(code), x),
    (code, x) => code.apply("maxInt", [x, zero(code)]),
  ),
  sqrt: (code, x) => code.sqrt(x),
  rsqrt: (code, x) => code.div(code.float(1), code.sqrt(x)),
  reciprocal: (code, x) => code.div(code.float(1), x),
  floor: (code, x) => code.round(x, rounding.down),
  ceil: (code, x) => code.round(x, rounding.up),
  round: (code, x) => code.round(x, rounding.nearestEven),
  exp: math.exp,
  expm1: math.expm1,
  log: math.log,
  log1p: math.log1p,
  tanh: math.tanh,
  sigmoid: math.sigmoid,
  softplus: math.softplus,
  erf: math.erf,
  sin: math.sin,
  cos: math.cos,
  isNaN: (code, x) => code.compare(x, x, "unordered"),
  isInf: (code, x) => code.compare(code.and(x, code.int(0x7fffffff)), code.float(Infinity), "equal"),
  isFinite: (code, x) => code.compare(code.and(x, code.int(0x7fffffff)), code.float(Infinity), "less"),
  roundBfloat16: (code, x) => {
    // Half of the last bit that stays, less one where that bit is 0: ties go to even.
    const half = code.addInt(code.int(0x7fff), code.and(code.shiftRight(x, 16), code.int(1)));
    const rounded = code.and(code.addInt(x, half), code.int(0xffff0000));
    // A NaN whose bits lie in the lower half alone would become infinite.
    return code.select(code.compare(x, x, "unordered"), code.or(x, code.int(0x00400000)), rounded);
  },
};

const floatOrInt =
  (float: BinaryRule, int: BinaryRule): BinaryRule =>
  (code, a, b, type) =>
    type === "float32" ? float(code, a, b, type) : int(code, a, b, type);

const add = floatOrInt(
  (code, a, b) => code.add(a, b),
  (code, a, b) => code.addInt(a, b),
);
const subtract = floatOrInt(
  (code, a, b) => code.sub(a, b),
  (code, a, b) => code.subInt(a, b),
);
const multiply = floatOrInt(
  (code, a, b) => code.mul(a, b),
  (code, a, b) => code.apply("mulInt", [a, b]),
);

/** The instruction gives its second operand if either is NaN, so a NaN in the first has to be put back. */
const extremum = (float: "minimum" | "maximum", int: "minInt" | "maxInt"): BinaryRule =>
  floatOrInt(
    (code, a, b) => code.select(code.compare(a, a, "unordered"), a, code.apply(float, [a, b])),
    (code, a, b) => code.apply(int, [a, b]),
  );

const not: BinaryRule = (code, a) => code.xor(a, code.int(-1));

function comparisonRule(how: keyof typeof comparison, int: BinaryRule): BinaryRule {
  return floatOrInt((code, a, b) => code.compare(a, b, how), int);
}

const equalInt: BinaryRule = (code, a, b) => code.apply("equalInt", [a, b]);
const greaterInt: BinaryRule = (code, a, b) => code.apply("greaterInt", [a, b]);

const binaryRules: Record<BinaryOp, BinaryRule> = {
  add,
  sub: subtract,
  mul: multiply,
  div: (code, a, b) => code.div(a, b),
  max: extremum("maximum", "maxInt"),
  min: extremum("minimum", "minInt"),
  pow,
  squaredDifference: (code, a, b, type) => {
    const difference = subtract(code, a, b, type);
    return multiply(code, difference, difference, type);
  },
  floorDiv: (code, a, b) => code.round(code.div(a, b), rounding.down),
  mod: (code, a, b) => {
    // Adding 0 makes 0 of −0, so that the quotient is 0, and not −0, wherever the rest is a itself: also of an infinite b.
    const quotient = code.round(code.div(code.add(a, zero(code)), b), rounding.down);
    const isLess = code.apply("equalInt", [quotient, zero(code)]);
    const rest = code.select(isLess, a, code.fnma(quotient, b, a));
    // A quotient that was rounded up to the next integer leaves a rest of the wrong sign.
    const hasOtherSign = code.shiftRightSigned(code.xor(rest, b), 31);
    const isNonzero = code.compare(rest, zero(code), "notEqual");
    return code.add(rest, code.and(code.and(hasOtherSign, isNonzero), b));
  },
  equal: comparisonRule("equal", equalInt),
  notEqual: comparisonRule("notEqual", (code, a, b, type) => not(code, equalInt(code, a, b, type), b, type)),
  less: comparisonRule("less", (code, a, b, type) => greaterInt(code, b, a, type)),
  lessEqual: comparisonRule("lessEqual", (code, a, b, type) => not(code, greaterInt(code, a, b, type), b, type)),
  greater: comparisonRule("greater", greaterInt),
  greaterEqual: comparisonRule("greaterEqual", (code, a, b, type) => not(code, greaterInt(code, b, a, type), b, type)),
  and: (code, a, b) => code.and(a, b),
  or: (code, a, b) => code.or(a, b),
  xor: (code, a, b) => code.xor(a, b),
  shiftLeft: (code, a, b) => code.apply("shiftLeftEach", [a, code.and(b, code.int(31))]),
  shiftRight: (code, a, b) => code.apply("shiftRightEach", [a, code.and(b, code.int(31))]),
};

/** Appends the code of an operation on one value of a type. */
export function lowerUnary(code: VectorCode, op: UnaryOp, x: Variable, type: RowType): Variable {
  return unaryRules[op](code, x, type);
}

/** Appends the code of an operation on two values of a type. */
export function lowerBinary(code: VectorCode, op: BinaryOp, a: Variable, b: Variable, type: RowType): Variable {
  return binaryRules[op](code, a, b, type);
}

/** Appends a conversion. */
export function lowerCast(code: VectorCode, x: Variable, from: RowType, to: RowType): Variable {
  if (from === to) return x;
  if (to === "bool") {
    return from === "float32"
      ? code.compare(x, zero(code), "notEqual")
      : code.xor(code.apply("equalInt", [x, zero(code)]), code.int(-1));
  }
  if (from === "bool") return code.and(x, to === "float32" ? code.float(1) : code.int(1));
  return to === "float32" ? code.toFloat(x) : code.truncateToInt(x);
}

/** A constant of a type, in all lanes. */
export function lowerConstant(code: VectorCode, value: number, type: RowType): Variable {
  if (type === "float32") return code.float(value);
  return code.int(type === "bool" ? -value : value);
}

/** The value that a reduction starts with, which changes nothing. */
export function identityOf(code: VectorCode, op: ReduceOp, type: RowType): Variable {
  if (op === "sum") return zero(code);
  if (type === "int32") return code.int(op === "max" ? -(2 ** 31) : 2 ** 31 - 1);
  return code.float(op === "max" ? -Infinity : Infinity);
}

/** Appends `op(a, b)` for two partial results of a reduction. */
export function lowerReduceStep(code: VectorCode, op: ReduceOp, a: Variable, b: Variable, type: RowType): Variable {
  return lowerBinary(code, op === "sum" ? "add" : op, a, b, type);
}

/**
 * How many instructions or so an operation takes: what decides whether a value is computed again or stored for a later
 * pass over its row.
 */
export function costOf(op: UnaryOp | BinaryOp): number {
  switch (op) {
    case "exp":
    case "expm1":
    case "log":
    case "log1p":
    case "tanh":
    case "sigmoid":
    case "softplus":
    case "erf":
    case "sin":
    case "cos":
      return 20;
    case "pow":
      return 60;
    case "sqrt":
    case "rsqrt":
    case "reciprocal":
    case "div":
    case "floorDiv":
    case "mod":
      return 8;
    default:
      return 1;
  }
}
