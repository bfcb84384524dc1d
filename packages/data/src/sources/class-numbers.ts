import { DatasetError } from "../errors.ts";

/** More classes than data sets have: a label beyond is damage, and names up to it would fill the memory. */
const mostClasses = 2 ** 20;

/** A label as a file has it, as a class number: -1, which is no class, unless it is a whole number of 32 bits. */
export function classNumber(label: unknown): number {
  const number =
    typeof label === "number" || typeof label === "bigint" || typeof label === "boolean" ? Number(label) : -1;
  return number === (number | 0) ? number : -1;
}

/**
 * Names of classes that are numbered only: "0", "1", ... up to the largest label.
 *
 * @throws DatasetError that begins with `path` when that would be more than 2^20 classes.
 */
export function numberedClasses(labels: ArrayLike<number>, path: string): readonly string[] {
  let largest = 0;
  for (let i = 0; i < labels.length; i++) largest = Math.max(largest, labels[i]!);
  if (largest >= mostClasses) {
    throw new DatasetError(
      path,
      `has the label ${largest}, beyond ${mostClasses} classes; give their names, or mend the labels`,
    );
  }
  return Array.from({ length: largest + 1 }, (_, number) => `${number}`);
}
