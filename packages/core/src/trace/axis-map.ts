import type { Emitter } from "../graph/emit.ts";
import type { Node } from "../graph/graph.ts";
import { type HostTensor, hostTensor, sizeOf } from "../host-tensor.ts";

/** Says with which weights element `to` of the result reads the elements of the operand. */
export type AxisWeights = (to: number, add: (from: number, weight: number) => void) => void;

/** A linear map of one axis as a matrix [to, from]; weights for the same pair add up. */
export function axisMatrix(from: number, to: number, weights: AxisWeights): HostTensor {
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    weights(i, (j, weight) => {
      matrix[i * from + j] = (matrix[i * from + j] as number) + weight;
    });
  }
  return hostTensor("float32", [to, from], matrix);
}

/** Applies a matrix [to, from], or its transpose, to one axis of x: a product with a small constant matrix. */
export function mapAxis(emit: Emitter, x: Node, axis: number, matrix: HostTensor, transposed = false): Node {
  const [outer, inner] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const rows = emit.reshape(x, [sizeOf(outer), x.shape[axis] as number, sizeOf(inner)]);
  const mapped = emit.matmul(emit.constant(matrix), rows, { transposeA: transposed });
  return emit.reshape(mapped, [...outer, mapped.shape[1] as number, ...inner]);
}
