/**
 * Cholesky factor of a symmetric positive definite matrix: the lower triangular L with L·Lᵀ = A.
 *
 * @param matrix [size, size], not changed
 * @returns [size, size], zero above the diagonal; or the first column at which the matrix is not positive definite
 */
export function cholesky(matrix: Float64Array, size: number): Float64Array | { readonly failedAt: number } {
  const factor = new Float64Array(size * size);
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, matrix[i * size + i]!);
  for (let row = 0; row < size; row++) {
    const own = factor.subarray(row * size, (row + 1) * size);
    for (let column = 0; column <= row; column++) {
      const other = factor.subarray(column * size, (column + 1) * size);
      let sum = matrix[row * size + column]!;
      for (let k = 0; k < column; k++) sum -= own[k]! * other[k]!;
      if (column < row) own[column] = sum / other[column]!;
      // What cancellation leaves of a singular matrix is of the order of rounding, and may be of either sign.
      else if (sum > largest * size * Number.EPSILON) own[column] = Math.sqrt(sum);
      else return { failedAt: row };
    }
  }
  return factor;
}

/** Solves L·x = b in place for a lower triangular L. */
export function solveLower(factor: Float64Array, size: number, b: Float64Array): void {
  for (let row = 0; row < size; row++) {
    let sum = b[row]!;
    const own = factor.subarray(row * size, row * size + row);
    for (let k = 0; k < row; k++) sum -= own[k]! * b[k]!;
    b[row] = sum / factor[row * size + row]!;
  }
}
