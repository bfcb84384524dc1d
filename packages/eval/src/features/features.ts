import { type HostTensor, hostTensor } from "@vitscale/core";
import { counted } from "../counted.ts";

/** Vectors of images, texts, or anything else: [rows, width]. */
export type Vectors = HostTensor<"float32">;

/** Frozen features of labelled images. */
export interface Features {
  /** [images, width] */
  readonly vectors: Vectors;
  /** [images] */
  readonly labels: Int32Array;
  /** Number of classes; labels are 0 to classes - 1. */
  readonly classes: number;
}

/**
 * Checks vectors, and gives their number and width.
 *
 * @throws RangeError for another shape than [rows, width], and for a number that is not finite, naming its row
 */
export function checkVectors({ shape, data }: Vectors, what = "vectors"): { rows: number; width: number } {
  const [rows = 0, width = 0] = shape;
  if (shape.length !== 2 || rows === 0 || width === 0) {
    throw new RangeError(`${what} have shape [${shape}]; give [rows, width] with one row or more`);
  }
  const broken = data.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    throw new RangeError(
      `row ${Math.floor(broken / width)} of the ${what} holds ${data[broken]}; every number must be finite`,
    );
  }
  return { rows, width };
}

/**
 * Checks features.
 *
 * @throws RangeError as {@link checkVectors}, and for labels that are not as many or no class, naming the row
 */
export function checkFeatures(
  { vectors, labels, classes }: Features,
  what = "features",
): { rows: number; width: number } {
  const size = checkVectors(vectors, what);
  if (labels.length !== size.rows) {
    throw new RangeError(
      `${what} of ${counted(size.rows, "image")} have ${counted(labels.length, "label")}; give one for each`,
    );
  }
  const broken = labels.findIndex((label) => label < 0 || label >= classes);
  if (broken >= 0) {
    throw new RangeError(
      `row ${broken} of the ${what} has label ${labels[broken]}, but there are ${classes} classes, numbered from 0`,
    );
  }
  return size;
}

/**
 * Checks that two tables of vectors can be compared.
 *
 * @throws RangeError for unequal widths
 */
export function checkSameWidth(first: Vectors, second: Vectors): void {
  if (first.shape[1] === second.shape[1]) return;
  throw new RangeError(
    `vectors of width ${first.shape[1]} and of width ${second.shape[1]} cannot be compared; take both from one model`,
  );
}

/** The features of some images, in the given order. */
export function selectFeatures({ vectors, labels, classes }: Features, rows: ArrayLike<number>): Features {
  return {
    vectors: takeVectors(vectors, rows),
    labels: Int32Array.from({ length: rows.length }, (_, i) => labels[rows[i]!]!),
    classes,
  };
}

/** Some rows of vectors, in the given order. */
export function takeVectors({ shape, data }: Vectors, rows: ArrayLike<number>): Vectors {
  const width = shape[1]!;
  const selected = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++)
    selected.set(data.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width);
  return hostTensor("float32", [rows.length, width], selected);
}

/** Vectors divided by their Euclidean norms; a vector of zeros stays one. */
export function unitVectors({ shape, data }: Vectors): Vectors {
  const [rows = 0, width = 0] = shape;
  const unit = new Float32Array(data.length);
  for (let start = 0; start < rows * width; start += width) {
    let squares = 0;
    for (let i = start; i < start + width; i++) squares += data[i]! ** 2;
    const factor = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let i = start; i < start + width; i++) unit[i] = factor * data[i]!;
  }
  return hostTensor("float32", shape, unit);
}

/** {@link unitVectors} less their mean, both in double precision until the difference is stored. */
export function centredUnitVectors({ shape, data }: Vectors): Vectors {
  const [rows = 0, width = 0] = shape;
  const centre = new Float64Array(width);
  const factors = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    for (let i = 0; i < width; i++) squares += data[row * width + i]! ** 2;
    factors[row] = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let i = 0; i < width; i++) centre[i]! += (factors[row]! * data[row * width + i]!) / rows;
  }
  const centred = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < width; i++) centred[row * width + i] = factors[row]! * data[row * width + i]! - centre[i]!;
  }
  return hostTensor("float32", shape, centred);
}
