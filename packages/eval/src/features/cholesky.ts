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
  const factor = symmetric.slice();
  for (let i = 0; i < size; i++) {
    const a = factor.subarray(i * size, (i + 1) * size);
    a[i]! += ridge;
    for (let j = 0; j <= i; j++) {
      const b = factor.subarray(j * size, (j + 1) * size);
      let sum = a[j]!;
      for (let k = 0; k < j; k++) sum -= a[k]! * b[k]!;
      if (j < i) a[j] = sum / b[j]!;
      else if (sum > 0) a[i] = Math.sqrt(sum);
      else
        throw new RangeError(`a ridge of ${ridge} leaves the system of ${size} equations singular; give a larger one`);
    }
  }
  const solution = right.slice();
  const columns = right.length / size;
  const row = (i: number) => solution.subarray(i * columns, (i + 1) * columns);
  const subtract = (i: number, j: number, weight: number) => {
    const [to, from] = [row(i), row(j)];
    for (let column = 0; column < columns; column++) to[column]! -= weight * from[column]!;
  };
  const divide = (i: number) => {
    const to = row(i);
    for (let column = 0; column < columns; column++) to[column]! /= factor[i * size + i]!;
  };
  // L Y = B downwards, then Lᵀ X = Y upwards.
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) subtract(i, j, factor[i * size + j]!);
    divide(i);
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let j = i + 1; j < size; j++) subtract(i, j, factor[j * size + i]!);
    divide(i);
  }
  return solution;
}
