import type { BinaryOp, ReduceOp, RowType, UnaryOp } from "./row-program.ts";

/** Any operation that a row program can name. */
export type RowOp = UnaryOp | BinaryOp | ReduceOp;

const float: readonly RowType[] = ["float32"];
const number: readonly RowType[] = ["float32", "int32"];
const bits: readonly RowType[] = ["bool", "int32"];
const integer: readonly RowType[] = ["int32"];
const all: readonly RowType[] = ["float32", "int32", "bool"];

/** Types of the operands with which each operation can be compiled. */
const operandTypes: Readonly<Record<RowOp, readonly RowType[]>> = {
  neg: number,
  abs: number,
  square: number,
  sign: number,
  not: bits,
  relu: number,
  sqrt: float,
  rsqrt: float,
  reciprocal: float,
  floor: float,
  ceil: float,
  round: float,
  exp: float,
  expm1: float,
  log: float,
  log1p: float,
  tanh: float,
  sigmoid: float,
  softplus: float,
  erf: float,
  sin: float,
  cos: float,
  isNaN: float,
  isInf: float,
  isFinite: float,
  roundBfloat16: float,
  add: number,
  sub: number,
  mul: number,
  div: float,
  max: number,
  min: number,
  pow: float,
  squaredDifference: number,
  floorDiv: float,
  mod: float,
  equal: all,
  notEqual: all,
  less: number,
  lessEqual: number,
  greater: number,
  greaterEqual: number,
  and: bits,
  or: bits,
  xor: bits,
  shiftLeft: integer,
  shiftRight: integer,
  sum: number,
};

/**
 * Whether an operation on operands of a type can be compiled. A fusion pass asks this before it fuses; casts, selects,
 * indices and constants of every type always can.
 */
export function supports(op: RowOp, dtype: RowType): boolean {
  return operandTypes[op].includes(dtype);
}

/** Type of the result of an operation on operands of a type. */
export function resultType(op: RowOp, dtype: RowType): RowType {
  switch (op) {
    case "equal":
    case "notEqual":
    case "less":
    case "lessEqual":
    case "greater":
    case "greaterEqual":
    case "isNaN":
    case "isInf":
    case "isFinite":
      return "bool";
    default:
      return dtype;
  }
}
