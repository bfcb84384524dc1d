import { cholesky } from "../calibration/cholesky.ts";

/**
 * Inner products of all pairs of rows: A Aᵀ of a matrix [rows, columns] in double precision. Only the lower triangle is filled.
 */
export function gramOfRows(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const gram = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    const a = matrix.subarray(i * columns, (i + 1) * columns);
    let j = 0;
    // Four rows at once: each number of row i is read once for four products.
    for (; j + 3 <= i; j += 4) {
      const [b0, b1, b2, b3] = [0, 1, 2, 3].map((n) => matrix.subarray((j + n) * columns, (j + n + 1) * columns));
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let column = 0; column < columns; column++) {
        const value = a[column]!;
        s0 += value * b0![column]!;
        s1 += value * b1![column]!;
        s2 += value * b2![column]!;
        s3 += value * b3![column]!;
      }
      gram.set([s0, s1, s2, s3], i * rows + j);
    }
    for (; j <= i; j++) {
      const b = matrix.subarray(j * columns, (j + 1) * columns);
      let sum = 0;
      for (let column = 0; column < columns; column++) sum += a[column]! * b[column]!;
      gram[i * rows + j] = sum;
    }
  }
  return gram;
}

/** The transpose of a matrix [rows, columns]. */
export function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = matrix[row * columns + column]!;
  }
  return result;
}

/** The product of matrices [rows, inner] and [inner, columns] in double precision. */
export function product(a: Float64Array, b: Float64Array, rows: number, inner: number, columns: number): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const sums = result.subarray(row * columns, (row + 1) * columns);
    for (let i = 0; i < inner; i++) {
      const factor = a[row * inner + i]!;
      const from = i * columns;
      for (let column = 0; column < columns; column++) sums[column]! += factor * b[from + column]!;
    }
  }
  return result;
}

/**
 * Solves (S + ridge I) X = B for a symmetric positive semidefinite S, by Cholesky's factorisation.
 *
 * @param symmetric [size, size], of which the lower triangle is read
 * @param right [size, columns]
 * @param ridge a positive number
 * @returns X [size, columns]
 * @throws RangeError when the matrix is not positive definite, as it is for a ridge that is too small
 */
export function solveRidge(symmetric: Float64Array, ridge: number, right: Float64Array, size: number): Float64Array {
  const raised = symmetric.slice();
  for (let i = 0; i < size; i++) raised[i * size + i]! += ridge;
  const factor = cholesky(raised, size);
  if (!(factor instanceof Float64Array)) {
    throw new RangeError(`a ridge of ${ridge} leaves the system of ${size} equations singular; give a larger one`);
  }
  const solution = right.slice();
  const columns = right.length / size;
  const subtract = (to: number, from: number, weight: number) => {
    for (let i = 0; i < columns; i++) solution[to * columns + i]! -= weight * solution[from * columns + i]!;
  };
  const divide = (row: number) => {
    for (let i = 0; i < columns; i++) solution[row * columns + i]! /= factor[row * size + row]!;
  };
  // L Y = B downwards, then Lᵀ X = Y upwards.
  for (let row = 0; row < size; row++) {
    for (let other = 0; other < row; other++) subtract(row, other, factor[row * size + other]!);
    divide(row);
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let other = row + 1; other < size; other++) subtract(row, other, factor[other * size + row]!);
    divide(row);
  }
  return solution;
}
