import type { Node } from "../../../graph/graph.ts";
import type { BinaryOperation, UnaryOperation } from "../../../graph/operations.ts";
import type { Lowering, OnnxEmitter } from "./emitter.ts";

type Unary = (emit: OnnxEmitter, x: string, dtype: Node["dtype"]) => string;
type Binary = (emit: OnnxEmitter, a: string, b: string, dtype: Node["dtype"]) => string;

const unaryOp =
  (type: string): Unary =>
  (emit, x) =>
    emit.op(type, [x]);

/** Rounding leaves integers as they are. */
const rounding =
  (type: string): Unary =>
  (emit, x, dtype) =>
    dtype === "float32" ? emit.op(type, [x]) : x;

const unary: { readonly [K in UnaryOperation]: Unary } = {
  abs: unaryOp("Abs"),
  acos: unaryOp("Acos"),
  acosh: unaryOp("Acosh"),
  asin: unaryOp("Asin"),
  asinh: unaryOp("Asinh"),
  atan: unaryOp("Atan"),
  atanh: unaryOp("Atanh"),
  ceil: rounding("Ceil"),
  cos: unaryOp("Cos"),
  cosh: unaryOp("Cosh"),
  // Below 0, exp(x) − 1 = t/(½ − t/2) with t = tanh(x/2) loses no digits. ONNX Runtime's own, which takes as long, does near 0.
  elu: (emit, x) => {
    const below = emit.op("Min", [x, emit.scalar(0)]);
    const t = emit.op("Tanh", [emit.op("Mul", [below, emit.scalar(0.5)])]);
    const divisor = emit.op("Sub", [emit.scalar(0.5), emit.op("Mul", [t, emit.scalar(0.5)])]);
    return emit.op("Add", [emit.op("Relu", [x]), emit.op("Div", [t, divisor])]);
  },
  erf: unaryOp("Erf"),
  exp: unaryOp("Exp"),
  // exp(x) − 1 = 2·sinh(x/2)·exp(x/2) loses no digits near 0; far below 0, where the factors are ∞·0, it is −1.
  expm1: (emit, x) => {
    const half = emit.op("Mul", [x, emit.scalar(0.5)]);
    const product = emit.op("Mul", [emit.op("Sinh", [half]), emit.op("Exp", [half])]);
    const value = emit.op("Mul", [product, emit.scalar(2)]);
    return emit.op("Where", [emit.op("Less", [x, emit.scalar(-20)]), emit.scalar(-1), value]);
  },
  floor: rounding("Floor"),
  isFinite: (emit, x) => emit.op("Not", [emit.op("Or", [emit.op("IsNaN", [x]), emit.op("IsInf", [x])])]),
  isInf: unaryOp("IsInf"),
  isNaN: unaryOp("IsNaN"),
  log: unaryOp("Log"),
  // Kahan: log(u)·x/(u − 1) for u = 1 + x corrects the rounding of u; where u rounds to 1 or overflows it is x.
  log1p: (emit, x) => {
    const u = emit.op("Add", [x, emit.scalar(1)]);
    const difference = emit.op("Sub", [u, emit.scalar(1)]);
    const isTiny = emit.op("Equal", [difference, emit.scalar(0)]);
    const divisor = emit.op("Where", [isTiny, emit.scalar(1), difference]);
    const corrected = emit.op("Mul", [emit.op("Log", [u]), emit.op("Div", [x, divisor])]);
    const isInfinite = emit.op("Equal", [x, emit.scalar(Number.POSITIVE_INFINITY)]);
    return emit.op("Where", [emit.op("Or", [isTiny, isInfinite]), x, corrected]);
  },
  neg: unaryOp("Neg"),
  not: unaryOp("Not"),
  reciprocal: unaryOp("Reciprocal"),
  relu: (emit, x, dtype) => (dtype === "float32" ? emit.op("Relu", [x]) : emit.op("Max", [x, emit.scalar(0, dtype)])),
  round: rounding("Round"),
  rsqrt: (emit, x) => emit.op("Reciprocal", [emit.op("Sqrt", [x])]),
  // ONNX Runtime's own is off by 6·10⁻⁸ anywhere, and 0 from −18 downwards, where the logarithm still matters.
  sigmoid: (emit, x) => {
    const odds = emit.op("Exp", [emit.op("Neg", [x])]);
    return emit.op("Reciprocal", [emit.op("Add", [odds, emit.scalar(1)])]);
  },
  sign: unaryOp("Sign"),
  sin: unaryOp("Sin"),
  sinh: unaryOp("Sinh"),
  softplus: unaryOp("Softplus"),
  sqrt: unaryOp("Sqrt"),
  square: (emit, x) => emit.op("Mul", [x, x]),
  tan: unaryOp("Tan"),
  tanh: unaryOp("Tanh"),
};

const binaryOp =
  (type: string): Binary =>
  (emit, a, b) =>
    emit.op(type, [a, b]);

/** Order and equality of booleans are those of 0 and 1. */
const comparison =
  (type: string): Binary =>
  (emit, a, b, dtype) =>
    dtype === "bool" ? emit.op(type, [emit.cast(a, "int32"), emit.cast(b, "int32")]) : emit.op(type, [a, b]);

/** Division of integers by zero traps in hardware: divides by 1 instead, and yields 0 as tfjs does. */
function guardedIntegerDivision(emit: OnnxEmitter, b: string, divide: (divisor: string) => string): string {
  const isZero = emit.op("Equal", [b, emit.scalar(0, "int32")]);
  const quotient = divide(emit.op("Where", [isZero, emit.scalar(1, "int32"), b]));
  return emit.op("Where", [isZero, emit.scalar(0, "int32"), quotient]);
}

/** The remainder with the divisor's sign: where the dividend has the other one, the remainder of remainder + divisor. */
function floatModulo(emit: OnnxEmitter, a: string, b: string): string {
  const remainder = (x: string) => emit.op("Mod", [x, b], { fmod: 1 });
  const zero = emit.scalar(0);
  const differs = emit.op("Xor", [emit.op("Less", [a, zero]), emit.op("Less", [b, zero])]);
  const rest = remainder(a);
  return emit.op("Where", [differs, remainder(emit.op("Add", [rest, b])), rest]);
}

/** Whether a float has its sign bit set, zeros included: 1 / −0 is −∞. */
function isNegative(emit: OnnxEmitter, x: string): string {
  const zero = emit.scalar(0);
  return emit.op("Or", [emit.op("Less", [x, zero]), emit.op("Less", [emit.op("Reciprocal", [x]), zero])]);
}

/** The angle of (|x|, |y|), put into the quadrant of (x, y). Two infinities make 45°, two zeros 0°. */
function angle(emit: OnnxEmitter, y: string, x: string): string {
  const areInfinite = emit.op("And", [emit.op("IsInf", [y]), emit.op("IsInf", [x])]);
  const size = (value: string) => emit.op("Where", [areInfinite, emit.scalar(1), emit.op("Abs", [value])]);
  const zero = emit.scalar(0);
  const areZero = emit.op("And", [emit.op("Equal", [y, zero]), emit.op("Equal", [x, zero])]);
  const slope = emit.op("Where", [areZero, zero, emit.op("Div", [size(y), size(x)])]);
  const acute = emit.op("Atan", [slope]);
  const upper = emit.op("Where", [isNegative(emit, x), emit.op("Sub", [emit.scalar(Math.PI), acute]), acute]);
  return emit.op("Where", [isNegative(emit, y), emit.op("Neg", [upper]), upper]);
}

const shift =
  (direction: "LEFT" | "RIGHT"): Binary =>
  (emit, a, b) => {
    const shifted = emit.op("BitShift", [emit.cast(a, "uint32"), emit.cast(b, "uint32")], { direction });
    return emit.cast(shifted, "int32");
  };

const binary: { readonly [K in BinaryOperation]: Binary } = {
  add: binaryOp("Add"),
  and: binaryOp("And"),
  atan2: (emit, y, x) => angle(emit, y, x),
  bitAnd: binaryOp("BitwiseAnd"),
  bitOr: binaryOp("BitwiseOr"),
  bitXor: binaryOp("BitwiseXor"),
  div: (emit, a, b, dtype) =>
    dtype === "float32"
      ? emit.op("Div", [a, b])
      : guardedIntegerDivision(emit, b, (divisor) => emit.op("Div", [a, divisor])),
  equal: binaryOp("Equal"),
  floorDiv: (emit, a, b, dtype) => {
    if (dtype === "float32") return emit.op("Floor", [emit.op("Div", [a, b])]);
    return guardedIntegerDivision(emit, b, (divisor) => {
      const remainder = emit.op("Mod", [a, divisor]);
      return emit.op("Div", [emit.op("Sub", [a, remainder]), divisor]);
    });
  },
  greater: comparison("Greater"),
  greaterEqual: comparison("GreaterOrEqual"),
  less: comparison("Less"),
  lessEqual: comparison("LessOrEqual"),
  max: binaryOp("Max"),
  min: binaryOp("Min"),
  mod: (emit, a, b, dtype) => {
    if (dtype !== "float32") return guardedIntegerDivision(emit, b, (divisor) => emit.op("Mod", [a, divisor]));
    return floatModulo(emit, a, b);
  },
  mul: binaryOp("Mul"),
  notEqual: (emit, a, b) => emit.op("Not", [emit.op("Equal", [a, b])]),
  or: binaryOp("Or"),
  pow: binaryOp("Pow"),
  shiftLeft: shift("LEFT"),
  shiftRight: shift("RIGHT"),
  sub: binaryOp("Sub"),
  xor: binaryOp("Xor"),
};

/** Lowering of an elementwise operation. */
export const lowerUnary =
  (operation: UnaryOperation): Lowering =>
  (emit, node, [x]) =>
    unary[operation](emit, x as string, (node.inputs[0] as Node).dtype);

/** Lowering of an elementwise operation of two operands. */
export const lowerBinary =
  (operation: BinaryOperation): Lowering =>
  (emit, node, [a, b]) =>
    binary[operation](emit, a as string, b as string, (node.inputs[0] as Node).dtype);

/** `Where` has no booleans: chooses among them by logic. */
export const lowerSelect: Lowering = (emit, node, inputs) => {
  const [condition, a, b] = inputs as [string, string, string];
  if (node.dtype !== "bool") return emit.op("Where", [condition, a, b]);
  return emit.op("Or", [emit.op("And", [condition, a]), emit.op("And", [emit.op("Not", [condition]), b])]);
};

/** float32 → int32 goes through int64, so that what does not fit wraps around, and NaN is 0, as in JavaScript. */
export const lowerCast: Lowering<"cast"> = (emit, { attributes: { to }, inputs: [input] }, [x]) => {
  if (input?.dtype !== "float32" || to !== "int32") return emit.cast(x as string, to);
  // ONNX Runtime would join two casts in a row into one, so a sign travels between them.
  const opposite = emit.op("Neg", [emit.cast(x as string, "int64")]);
  return emit.op("Neg", [emit.cast(opposite, "int32")]);
};
