import { type TextColumn, textColumn } from "./column.ts";
import type { ReadTableOptions } from "./read-options.ts";

/**
 * Columns that name things. They are texts in every file: images that are called `0012` are not number 12, and one right class in each row
 * (`accepted`) is a list of one.
 */
const namesOfThings: ReadonlySet<string> = new Set([
  ...["image", "imagename", "subj", "dataset", "class", "category", "object_response", "accepted"],
  ...["distribution", "corruption", "role", "split"],
]);

/** Whether a column holds texts, whatever they look like: it names things, or is said to. */
export function isNameColumn(name: string, kinds: ReadTableOptions["kinds"] = {}): boolean {
  return namesOfThings.has(name) || kinds[name] === "text";
}

/** Other columns that mean something to suites wherever they are there. */
const looked: ReadonlySet<string> = new Set([
  ...["label", "scores", "top", "probability", "features"],
  ...["answer", "condition", "texture-class", "severity"],
]);

/** Whether suites look for a column by this name: without it, a table would quietly mean something else. */
export function isLookedFor(name: string, kinds: ReadTableOptions["kinds"] = {}): boolean {
  return looked.has(name) || isNameColumn(name, kinds);
}

/** Names as texts, in whatever type a file has them: numbers as they are written, lists with spaces between, what is missing empty. */
export function namesColumn(values: Iterable<unknown>): TextColumn {
  return textColumn(Array.from(values, nameOf));
}

function nameOf(value: unknown): string {
  if (value == null || Number.isNaN(value)) return "";
  return typeof value === "object" && Symbol.iterator in value
    ? [...(value as Iterable<unknown>)].join(" ")
    : `${value}`;
}
