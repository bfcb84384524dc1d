import { type Table, textsOf } from "../table/table.ts";

/**
 * Names of classes: those that stand beside the labels in a column `class`, else their numbers.
 *
 * @param labels [rows] numbers of classes
 * @param classes how many there are
 */
export function classNames(predictions: Table, labels: ArrayLike<number>, classes: number): string[] {
  const names = Array.from({ length: classes }, (_, number) => `${number}`);
  for (const [row, name] of classTexts(predictions)?.entries() ?? []) names[labels[row]!] = name;
  return names;
}

/** The names of the rows' classes, in a column `class`, where there is one. */
export function classTexts(predictions: Table): readonly string[] | undefined {
  return predictions.columns.get("class")?.kind === "text" ? textsOf(predictions, "class") : undefined;
}
