import type { Node } from "../graph/graph.ts";
import { stridesOf } from "../graph/shapes.ts";
import { sizeOf } from "../host-tensor.ts";
import { reshapeView, type View, viewOf } from "./view.ts";

/** A part of a concatenation, as the value that it is a mere rearrangement of, and where that belongs in the whole. */
export interface Piece {
  readonly value: Node;
  /** A view of the whole in the shape of `value`; its last axis lies in one piece. */
  readonly place: View;
}

/** Shorter rows are quicker copied all together. */
const shortestRow = 16;

/**
 * The pieces of a concatenation, if kernels had better write them in their places than a copy of all parts be made:
 * if some part is computed by a kernel, or would be copied anyway because it is a slice or a transpose. Otherwise, and
 * where rows are short, none.
 */
export function piecesOf(whole: Node<"concat">, isComputed: (value: Node) => boolean): readonly Piece[] {
  const strides = stridesOf(whole.shape);
  const { axis } = whole.attributes;
  let offset = 0;
  let isGain = false;
  const pieces: Piece[] = [];
  for (const part of whole.inputs) {
    const place: View = { base: whole, shape: part.shape, strides, offset, after: [] };
    const { piece, isTransposed } = sourceOf({ value: part, place });
    const columns = piece.value.shape.at(-1) ?? 1;
    if (columns < shortestRow || sizeOf(part.shape) === 0 || part.dtype === "uint8") return [];
    isGain ||= isTransposed || isComputed(piece.value) || viewOf(piece.value).base !== piece.value;
    offset += (part.shape[axis] as number) * (strides[axis] as number);
    pieces.push(piece);
  }
  return isGain ? pieces : [];
}

/** Goes back through the reshapes and transposes that a part went through, while its rows lie in one piece. */
function sourceOf(part: Piece): { readonly piece: Piece; readonly isTransposed: boolean } {
  let piece = part;
  let isTransposed = false;
  for (let before = undo(part); before?.place.strides.at(-1) === 1; before = undo(before)) {
    isTransposed ||= piece.value.operation === "transpose";
    piece = before;
  }
  return { piece, isTransposed };
}

/** The same elements of the whole before the last rearrangement of the value. */
function undo({ value, place }: Piece): Piece | undefined {
  const [input] = value.inputs as [Node];
  switch (value.operation) {
    case "reshape": {
      const inner = reshapeView(place, input.shape);
      return inner && { value: input, place: inner };
    }
    case "transpose": {
      const strides: number[] = [];
      for (const [i, axis] of value.attributes.permutation.entries()) strides[axis] = place.strides[i] as number;
      return { value: input, place: { ...place, shape: input.shape, strides } };
    }
    default:
      return undefined;
  }
}
