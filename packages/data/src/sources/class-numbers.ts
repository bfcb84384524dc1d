import { shown } from "../checks.ts";
import { DatasetError } from "../errors.ts";
import { sharedInt32 } from "../files/shared.ts";
import { labelSetsOf } from "../label-sets.ts";
import type { Catalog } from "../source.ts";

/** More classes than data sets have: a label beyond is damage, and names up to it would fill the memory. */
const mostClasses = 2 ** 20;

/** Different labels that are no class, of which each is kept to be told; where there are more, they are something else. */
const mostStrays = 2 ** 16;

const remedy = "say where the labels are, or what their classes are";

/** A label as a file has it, as a class number: -1, which is no class, unless it is a whole number of 32 bits. */
export function classNumber(label: unknown): number {
  const number =
    typeof label === "number" || typeof label === "bigint" || typeof label === "boolean" ? Number(label) : -1;
  return number === (number | 0) ? number : -1;
}

/** What of a catalog is known by the labels of its samples. */
type LabelColumns = Pick<Catalog, "labels" | "labelSets"> & Required<Pick<Catalog, "strays">>;

/**
 * The labels of a catalog, out of labels as files have them. What is no class number is kept in `strays`, and found when its
 * sample is read: one wrong label shall not cost the whole set. Where any value is a list, each sample has the classes in its list; a value
 * beside lists is a list of one.
 *
 * @param numberOf gives a negative number for what is no class
 * @throws DatasetError that begins with `path` when no label is a class, or too many different ones are none.
 */
export function classNumbers(
  values: readonly unknown[],
  path: string,
  numberOf: (value: unknown) => number = classNumber,
): LabelColumns {
  if (values.some(Array.isArray)) {
    const { labels, strays } = numbersOf(values.flat(), path, numberOf);
    return { ...labelSetsOf(labels, values.map(countOf)), strays };
  }
  return numbersOf(values, path, numberOf);
}

const countOf = (value: unknown) => (Array.isArray(value) ? value.length : 1);

function numbersOf(values: readonly unknown[], path: string, numberOf: (value: unknown) => number): LabelColumns {
  const labels = sharedInt32(values.length);
  const strays = new Map<string, number>();
  let known = 0;
  for (const [sample, value] of values.entries()) {
    const number = numberOf(value);
    if (number >= 0) {
      labels[sample] = number;
      known++;
      continue;
    }
    const text = shown(value);
    const stray = strays.get(text) ?? strays.size;
    strays.set(text, stray);
    labels[sample] = -1 - stray;
    if (strays.size > mostStrays) {
      const problem = `has more than ${mostStrays} different labels that are no class, such as ${text}`;
      throw new DatasetError(path, `${problem}; ${remedy}`);
    }
  }
  if (known === 0) {
    const first = values.length === 0 ? "" : `; the first is ${shown(values[0])}`;
    const problem = `none of its ${values.length} labels is a class${first}`;
    throw new DatasetError(path, `${problem}; ${remedy}`);
  }
  return { labels, strays: [...strays.keys()] };
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

/** @throws TypeError unless class names, where they are given, are a list of texts. Two may be alike: ImageNet has two cranes. */
export function requireClasses(classes: unknown, format: string): void {
  if (classes === undefined) return;
  if (Array.isArray(classes) && classes.length > 0 && classes.every((name) => typeof name === "string")) return;
  throw new TypeError(`classes of ${format} are ${shown(classes)}; give a list of names`);
}
