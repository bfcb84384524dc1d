import * as tf from "@tensorflow/tfjs-core";

/** Features `begin` … `begin + size − 1` of an axis that ranks share. */
export interface Piece {
  readonly begin: number;
  readonly size: number;
}

/** Sizes of the two halves of a block, the larger first. */
export function halves(size: number): [number, number] {
  return [Math.ceil(size / 2), Math.floor(size / 2)];
}

/** Those rows (axis 0) or columns (axis 1) of a matrix, in the order of the pieces. */
export function select(matrix: tf.Tensor, axis: 0 | 1, pieces: readonly Piece[]): tf.Tensor {
  const merged = mergeAdjacent(pieces);
  const parts = merged.map(({ begin, size }) => {
    if (size === matrix.shape[axis]) return matrix;
    const start = [0, 0].with(axis, begin);
    return tf.slice(matrix, start, matrix.shape.with(axis, size));
  });
  return parts.length === 1 ? (parts[0] as tf.Tensor) : tf.concat(parts, axis);
}

/** Puts the rows or columns of several matrices, each with its pieces, in their order: together they cover the axis. */
export function assemble(parts: readonly { matrix: tf.Tensor; pieces: readonly Piece[] }[], axis: 0 | 1): tf.Tensor {
  const cut = parts.flatMap(({ matrix, pieces }) => {
    let at = 0;
    return mergeAdjacent(pieces).map(({ begin, size }) => {
      const part = select(matrix, axis, [{ begin: at, size }]);
      at += size;
      return { begin, part };
    });
  });
  const sorted = cut.sort((a, b) => a.begin - b.begin).map(({ part }) => part);
  return sorted.length === 1 ? (sorted[0] as tf.Tensor) : tf.concat(sorted, axis);
}

/** Pieces that follow each other as one. */
function mergeAdjacent(pieces: readonly Piece[]): Piece[] {
  const merged: Piece[] = [];
  for (const { begin, size } of pieces) {
    const last = merged.at(-1);
    if (last && last.begin + last.size === begin)
      merged[merged.length - 1] = { begin: last.begin, size: last.size + size };
    else merged.push({ begin, size });
  }
  return merged;
}
