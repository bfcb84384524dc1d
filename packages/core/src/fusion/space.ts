import type { Node } from "../graph/graph.ts";
import { isElementwise, type Operation } from "../graph/operations.ts";
import { sizeOf } from "../host-tensor.ts";
import {
  type BinaryOp,
  binaryOps,
  type RowType,
  registerTypeOf,
  type UnaryOp,
  unaryOps,
} from "../native/row-program.ts";
import { supports } from "../native/supports.ts";

/** The iteration space of a fused kernel. */
export interface Space {
  readonly rows: number;
  readonly columns: number;
}

/** What a value is in a space: a number for every row and column, or one for every row. */
export type Role = "full" | "row";

/** Columns are the last axis, rows all others. */
export function spaceOf(shape: readonly number[]): Space {
  const columns = shape.at(-1) ?? 1;
  return { columns, rows: sizeOf(shape.slice(0, -1)) };
}

/** The role that a tensor of some shape can have in a space, if any. */
export function roleIn(shape: readonly number[], { rows, columns }: Space): Role | undefined {
  const own = spaceOf(shape);
  if (own.rows === rows && own.columns === columns) return "full";
  return sizeOf(shape) === rows ? "row" : undefined;
}

const bitwise: { readonly [K in Operation]?: BinaryOp } = { bitAnd: "and", bitOr: "or", bitXor: "xor" };
const nativeNames: ReadonlySet<string> = new Set([...unaryOps, ...binaryOps]);

/** The native operation that computes a graph operation elementwise, if there is one. */
export function nativeName(operation: Operation): UnaryOp | BinaryOp | undefined {
  if (bitwise[operation]) return bitwise[operation];
  return nativeNames.has(operation) ? (operation as UnaryOp | BinaryOp) : undefined;
}

/** The type in registers of what a node computes. */
export function registerType(node: Node): RowType {
  return registerTypeOf(node.dtype);
}

export const nativeReductions = { reduceSum: "sum", reduceMax: "max", reduceMin: "min" } as const;

/** Whether a reduction is over the last axis alone. */
export function reducesLastAxis(node: Node): boolean {
  if (node.operation !== "reduceSum" && node.operation !== "reduceMax" && node.operation !== "reduceMin") return false;
  const { axes } = node.attributes;
  return axes.length === 1 && axes[0] === (node.inputs[0] as Node).shape.length - 1;
}

/** A kernel leaves a row to one thread, which sums it up in 32 parts. */
const [longRow, fewRows] = [2 ** 16, 16];

/** Whether a reduction is a sum of few long rows, which the engine had better take: in stages, on all threads. */
function sumsLongRows(node: Node): boolean {
  const columns = node.inputs[0]?.shape.at(-1) as number;
  return node.operation === "reduceSum" && columns >= longRow && sizeOf(node.shape) < fewRows;
}

/** Whether a reduction is a sum over all axes but the last, as gradients of biases and scales are. */
export function sumsRows(node: Node): boolean {
  if (node.operation !== "reduceSum" || node.dtype !== "float32") return false;
  const rank = (node.inputs[0] as Node).shape.length;
  return rank > 1 && node.attributes.axes.length === rank - 1 && !node.attributes.axes.includes(rank - 1);
}

/** Whether native code can compute a node as part of a kernel over rows. */
export function isFusible(node: Node): boolean {
  const operand = node.inputs[0];
  if (!operand || node.dtype === "uint8" || sizeOf(node.shape) === 0 || sizeOf(operand.shape) === 0) return false;
  if (node.operation === "select") return true;
  // The processor's conversion neither wraps around nor makes 0 of NaN.
  if (node.operation === "cast") return !(operand.dtype === "float32" && node.dtype === "int32");
  // Kernels compute these from others.
  if (node.operation === "softmax" || node.operation === "elu") return true;
  if (reducesLastAxis(node)) {
    if (sumsLongRows(node)) return false;
    const operation = node.operation as keyof typeof nativeReductions;
    return supports(nativeReductions[operation], registerType(operand));
  }
  if (!isElementwise(node.operation)) return false;
  const name = nativeName(node.operation);
  return name !== undefined && supports(name, registerType(operand));
}
