import { counted } from "../counted.ts";
import { TableError } from "../table/table.ts";

/** Numbers of either precision. */
export type Floats = Float32Array | Float64Array;

/** A vector of `width` numbers in every row: [rows, width], row after row. A vector column of a table is one. */
export interface RowVectors {
  readonly width: number;
  readonly data: Floats;
}

/** Rows of {@link RowVectors}. */
export function rowCount({ width, data }: RowVectors): number {
  return data.length / width;
}

/** The rows of these numbers, in this order. */
export function selectVectors<T extends RowVectors>({ width, data }: T, rows: ArrayLike<number>): RowVectors {
  const selected = floatsLike(data, rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    selected.set(data.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width);
  }
  return { width, data: selected };
}

/** Zeros of the same precision. */
export function floatsLike(like: Floats, length: number): Floats {
  return like instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
}

/**
 * Checks that what is said of rows is said of each: numbers of confidences and outcomes, say, by what they are called in messages.
 *
 * @throws RangeError naming two of which there are not as many
 */
export function checkOneEach(lengths: Readonly<Record<string, number>>): void {
  const [first, ...others] = Object.entries(lengths);
  const other = others.find(([, length]) => length !== first![1]);
  if (other === undefined) return;
  throw new RangeError(`${first![1]} ${first![0]}, but ${other[1]} ${other[0]}; give one of each for every row`);
}

/**
 * Checks that every number is one.
 *
 * @throws TableError naming the first row with NaN or an infinite number
 */
export function checkFinite({ width, data }: RowVectors, what: string, name = "table"): void {
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const row = Math.floor(i / width);
    throw new TableError(name, `${what} ${i - row * width} is ${data[i]}; every ${what} must be a finite number`, row);
  }
}

/**
 * Checks labels.
 *
 * @param labels [rows] classes, numbered from 0
 * @param column what they are called in messages
 * @throws TableError naming the first row whose label is no class, or when there are more or fewer labels than rows
 */
export function checkLabels(
  labels: ArrayLike<number>,
  rows: number,
  classes: number,
  name = "table",
  column = "label",
): void {
  if (labels.length !== rows) {
    throw new TableError(
      name,
      `has ${counted(labels.length, "label")} for ${counted(rows, "row")} of scores; give one for each`,
    );
  }
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new TableError(name, `${column} ${label} is no class; there are ${classes}, numbered from 0`, row);
  }
}
