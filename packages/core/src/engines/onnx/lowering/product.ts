import type { Node } from "../../../graph/graph.ts";
import { range } from "../../../graph/shapes.ts";
import type { Lowering, OnnxEmitter } from "./emitter.ts";
import { emitFull } from "./structure.ts";

/**
 * How a product is computed: with ONNX Runtime's own handling of transposed operands; with the left operand transposed
 * before; or as (Bᵀ·A)ᵀ, with the right operand transposed before and the product after.
 */
export type ProductForm = "as given" | "left first" | "turned";

/**
 * Multiplications of a product per element that is moved first, above which moving it pays. ONNX Runtime transposes a
 * left operand again for every panel of 128 columns, which takes about a sixth of the time of large products; one
 * movement takes as long as about 350 of their multiplications.
 */
const worthMoving = 500;

/** The quickest form of a product of two matrices, [rows, inner] (stored transposed or not) by [inner, columns]. */
export function productForm(
  [rows, inner, columns]: readonly [number, number, number],
  { transposeA, transposeB }: Node<"matmul">["attributes"],
): ProductForm {
  if (!transposeA) return "as given";
  const moved = { "left first": rows * inner, turned: rows * columns + (transposeB ? 0 : inner * columns) };
  const form = moved.turned < moved["left first"] ? "turned" : "left first";
  return moved[form] * worthMoving < rows * inner * columns ? form : "as given";
}

/** Products of matrices and of batches of them. */
export const lowerMatmul: Lowering<"matmul"> = (emit, node, [a, b]) => {
  const { transposeA, transposeB } = node.attributes;
  const [left, right] = node.inputs as [Node, Node];
  const inner = left.shape.at(transposeA ? -2 : -1) as number;
  // Sums over nothing: FusedMatMul would leave its output unwritten.
  if (inner === 0) return emitFull(emit, 0, node.dtype, node.shape);
  const given = { x: a as string, rank: left.shape.length, isTransposed: transposeA };
  const by = { x: b as string, rank: right.shape.length, isTransposed: transposeB };
  // The operator that transposes is one of float32.
  if (node.dtype !== "float32") return multiply(emit, straighten(emit, given), straighten(emit, by));
  const [rows, columns] = node.shape.slice(-2) as [number, number];
  const form = node.shape.length === 2 ? productForm([rows, inner, columns], node.attributes) : "as given";
  switch (form) {
    case "as given":
      return multiply(emit, given, by);
    case "left first":
      return multiply(emit, straighten(emit, given), by);
    case "turned": {
      const right = straighten(emit, { ...by, isTransposed: !transposeB });
      return transposed(emit, multiply(emit, right, { ...given, isTransposed: false }), 2);
    }
    default:
      return form satisfies never;
  }
};

/** A value with its rank, and whether a product reads its matrices transposed. */
interface Factor {
  readonly x: string;
  readonly rank: number;
  readonly isTransposed: boolean;
}

function multiply(emit: OnnxEmitter, a: Factor, b: Factor): string {
  if (!a.isTransposed && !b.isTransposed) return emit.op("MatMul", [a.x, b.x]);
  const attributes = { transA: a.isTransposed ? 1 : 0, transB: b.isTransposed ? 1 : 0 };
  return emit.op("FusedMatMul", [a.x, b.x], attributes, "com.microsoft");
}

/** The same matrices, none of them to be read transposed. */
function straighten(emit: OnnxEmitter, factor: Factor): Factor {
  const { x, rank, isTransposed } = factor;
  return isTransposed ? { x: transposed(emit, x, rank), rank, isTransposed: false } : factor;
}

const transposed = (emit: OnnxEmitter, x: string, rank: number) =>
  emit.op("Transpose", [x], { perm: [...range(rank - 2), rank - 1, rank - 2] });
