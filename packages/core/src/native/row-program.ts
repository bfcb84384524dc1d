import type { DType } from "../host-tensor.ts";

/**
 * A row program: a chain of elementwise operations and reductions over rows, written down as data, that runs as one
 * pass over memory. Softmax, layer normalisation and its gradient, a GELU gradient, an optimizer update are each one.
 *
 * The iteration space is `rows` × `columns`. A value is a number for every (row, column), or, where it does not
 * depend on the column, a number for every row. Reductions turn the first kind into the second.
 */
export interface RowProgram {
  readonly rows: number;
  readonly columns: number;
  readonly inputs: readonly RowInput[];
  /** In single static assignment: operands are indices of earlier values. */
  readonly values: readonly RowValue[];
  readonly outputs: readonly RowOutput[];
}

/**
 * Where each row of an operand begins, in elements:
 *
 *     offset(row) = base + Σ (⌊row / divisor⌋ mod modulus) · stride
 *
 * One term for each axis of the row space: dense rows, broadcasting (no term at all, or stride 0), and strided or
 * permuted views whose last axis is contiguous (slices, splits into heads, their transposes).
 */
export interface RowOffset {
  readonly base: number;
  readonly terms: readonly RowOffsetTerm[];
}

export interface RowOffsetTerm {
  readonly divisor: number;
  readonly modulus: number;
  readonly stride: number;
}

/** An operand in memory. A stride of 0 reads one element for each row, a stride of 1 reads `columns` of them. */
export interface RowInput {
  readonly dtype: DType;
  readonly rowOffset: RowOffset;
  readonly columnStride: 0 | 1;
}

/**
 * Types that values have in registers. Memory also knows `uint8`: it is read as int32 (0 to 255), and an int32 is
 * written to it by its low byte; and `bfloat16`: it is read as float32, and a float32 is written to it by its upper half
 * (`roundBfloat16` rounds before). A bool in memory is a byte: anything but 0 reads as true, true is written as 1.
 */
export type RowType = "float32" | "int32" | "bool";

/** The type in registers of what is in memory. */
export function registerTypeOf(dtype: DType): RowType {
  if (dtype === "uint8") return "int32";
  return dtype === "bfloat16" ? "float32" : dtype;
}

export type RowValue =
  | { readonly kind: "input"; readonly input: number }
  /** A bool is 0 or 1, an int32 an integer in its range, a float32 is rounded to the nearest. */
  | { readonly kind: "constant"; readonly dtype: RowType; readonly value: number }
  | { readonly kind: "unary"; readonly op: UnaryOp; readonly x: number }
  | { readonly kind: "binary"; readonly op: BinaryOp; readonly a: number; readonly b: number }
  /** `condition` is a bool, `a` (where true) and `b` have one type. */
  | { readonly kind: "select"; readonly condition: number; readonly a: number; readonly b: number }
  /** float32 → int32 truncates, and gives -2³¹ for NaN and beyond the range; to bool means `!== 0`. */
  | { readonly kind: "cast"; readonly dtype: RowType; readonly x: number }
  /** Over the columns of each row; of no columns: 0, -∞, +∞ (int32: its smallest, its largest). */
  | { readonly kind: "reduce"; readonly op: ReduceOp; readonly x: number }
  /** The column, or the row, as an int32. */
  | { readonly kind: "columnIndex" }
  | { readonly kind: "rowIndex" };

/**
 * Operations on one value. `round` takes halves to even, `sign` is that of Math.sign, `not` inverts a bool, or the
 * bits of an int32. `isNaN`, `isInf` and `isFinite` give bools.
 */
export const unaryOps = [
  "neg",
  "abs",
  "square",
  "sign",
  "not",
  "relu",
  "sqrt",
  "rsqrt",
  "reciprocal",
  "floor",
  "ceil",
  "round",
  "exp",
  "expm1",
  "log",
  "log1p",
  "tanh",
  "sigmoid",
  "softplus",
  "erf",
  "sin",
  "cos",
  "isNaN",
  "isInf",
  "isFinite",
  "roundBfloat16",
] as const;
export type UnaryOp = (typeof unaryOps)[number];

/**
 * Operations on two values of one type. Comparisons give bools. `max` and `min` propagate NaN, as Math.max does, and
 * give `b` where `a` equals it (zeros of different signs). `floorDiv` is ⌊a / b⌋ with the quotient rounded first, `mod`
 * has the sign of the divisor and is exact for quotients below 2²³. `and`, `or`, `xor` are logical for bools and bitwise
 * for int32; shifts take the low five bits of the count; `shiftRight` fills with zeros.
 */
export const binaryOps = [
  "add",
  "sub",
  "mul",
  "div",
  "max",
  "min",
  "pow",
  "squaredDifference",
  "floorDiv",
  "mod",
  "equal",
  "notEqual",
  "less",
  "lessEqual",
  "greater",
  "greaterEqual",
  "and",
  "or",
  "xor",
  "shiftLeft",
  "shiftRight",
] as const;
export type BinaryOp = (typeof binaryOps)[number];

/**
 * Reductions over the columns of a row. `max` and `min` propagate NaN. Sums have a fixed order, whatever the number of
 * threads and the processor: 32 partial sums, column c going to number c mod 32, then halves, quarters, … of those.
 */
export const reduceOps = ["sum", "max", "min"] as const;
export type ReduceOp = (typeof reduceOps)[number];

/**
 * What is written to memory.
 *
 * `store` writes a value at every (row, column), or at every row where `columnStride` is 0 (the value must then be
 * one number a row). `size` is the number of elements of the tensor that is written; no two rows may overlap.
 *
 * `accumulate` sums a float32 value over rows. The rows are cut into `chunks` contiguous parts, part k being rows
 * ⌊k · rows / chunks⌋ up to ⌊(k + 1) · rows / chunks⌋, and the result is float32 [chunks, columns] with the sum over each
 * part. All accumulating outputs of a program have the same number of chunks, which bounds the threads at work.
 */
export type RowOutput =
  | {
      readonly kind: "store";
      readonly value: number;
      readonly dtype: DType;
      readonly rowOffset: RowOffset;
      readonly columnStride: 0 | 1;
      readonly size: number;
    }
  | { readonly kind: "accumulate"; readonly value: number; readonly chunks: number };

/** Rows that lie one after the other, `columns` elements each. */
export function denseRows(rows: number, columns: number): RowOffset {
  return { base: 0, terms: [{ divisor: 1, modulus: rows, stride: columns }] };
}

/** The same elements for every row. */
export const sameForEveryRow: RowOffset = { base: 0, terms: [] };
