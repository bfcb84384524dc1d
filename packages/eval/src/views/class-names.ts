import { type Table, textsOf } from "../table/table.ts";

/**
 * Names of classes: those that stand beside the labels in a column `class`, else their numbers.
 *
 * @param labels [rows] numbers of classes
 * @param classes how many there are
 */
export function classNames(predictions: Table, labels: ArrayLike<number>, classes: number): string[] {
  const names = Array.from({ length: classes }, (_, number) => `${number}`);
  if (predictions.columns.get("class")?.kind !== "text") return names;
  for (const [row, name] of textsOf(predictions, "class").entries()) names[labels[row]!] = name;
  return names;
}
