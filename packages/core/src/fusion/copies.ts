import type { Node } from "../graph/graph.ts";
import { stridesOf } from "../graph/shapes.ts";
import { sizeOf } from "../host-tensor.ts";
import { denseRows, type RowOffset } from "../native/row-program.ts";
import { type Kernel, type KernelOutput, locate, type PieceOutput } from "./kernel.ts";
import { denseView, type View, viewOf } from "./view.ts";

/**
 * A kernel that copies what a chain of slices, transposes and broadcasts shows of a tensor, in one pass; `undefined` for
 * a node that is no such chain, that moves nothing, or whose rows do not lie in one piece.
 */
export function copyKernel(node: Node): Kernel | undefined {
  const view = viewOf(node);
  const size = sizeOf(node.shape);
  if (view.base === node || size === 0 || !isReadable(view) || node.dtype === "uint8") return undefined;
  const isWhole = view.offset === 0 && size === sizeOf(view.base.shape) && view.after.length === 0;
  if (isWhole && stridesOf(view.shape).every((stride, i) => view.shape[i] === 1 || stride === view.strides[i])) {
    return undefined;
  }
  const columns = node.shape.at(-1) ?? 1;
  return copyTo({ kind: "value", node, shape: node.shape }, view, denseRows(size / columns, columns));
}

/** A kernel that copies a tensor, or what a chain of movements shows of one, to its place in a larger tensor. */
export function copyPiece(output: PieceOutput): Kernel {
  const { value, place } = output;
  const view = viewOf(value);
  return copyTo(output, isReadable(view) ? view : denseView(value), locate(place, "full").rowOffset);
}

function isReadable({ strides }: View): boolean {
  const last = strides.at(-1) ?? 0;
  return last === 0 || last === 1;
}

function copyTo(output: KernelOutput, from: View, rowOffset: RowOffset): Kernel {
  const { dtype } = output.node;
  const columns = from.shape.at(-1) ?? 1;
  return {
    program: {
      rows: sizeOf(from.shape) / columns,
      columns,
      inputs: [{ dtype, ...locate(from, "full") }],
      values: [{ kind: "input", input: 0 }],
      outputs: [{ kind: "store", value: 0, dtype, rowOffset, columnStride: 1, size: sizeOf(output.shape) }],
    },
    inputs: [from.base],
    after: from.after,
    outputs: [output],
  };
}
