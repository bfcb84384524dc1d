import { didYouMean } from "@vitscale/core";
import { counted } from "../counted.ts";
import { columnOf, numbersOf, type Table, TableError, textsOf } from "../table/index.ts";
import { type AcceptedClasses, acceptLabels, acceptLists } from "./accepted.ts";
import { type OodDataset, ownName } from "./datasets.ts";
import { type LabelMap, mapDatasetClasses, sharesNames } from "./label-map.ts";
import { plainName } from "./plain-name.ts";
import { type FoundLists, realLists } from "./real-rows.ts";

/**
 * Classes of some rows in the numbering of their data set, -1 for those that do not count: by the names in the column `class`, or the numbers in
 * `label`.
 *
 * @throws TableError naming the row whose label or name is no class
 */
export function labelsOf(table: Table, rows: readonly number[], dataset: OodDataset): number[] {
  const { name, map, title } = dataset;
  // A model's own classes have no names here but their numbers: folders called 0, 1, 10, 11, 2 are numbered otherwise.
  const areNumbered = name === ownName && table.columns.has("label");
  const named = areNumbered ? undefined : labelsByName(table, rows, dataset);
  if (named !== undefined) return named;
  const labels = numbersOf(table, "label");
  return rows.map((row) => {
    const label = labels[row]!;
    if (Number.isInteger(label) && label >= -1 && label < map.classes.length) return label;
    throw new TableError(
      table.name,
      `label ${label} is no class of ${title}, which has ${map.classes.length}, numbered from 0 (-1 does not count)`,
      row,
    );
  });
}

/**
 * Classes of the map by the names in the column `class`, in the order of `rows`: -1 for an empty name and for classes that do not count; undefined
 * where there are no names, or the data set has none but its numbers, and the table calls its classes otherwise.
 *
 * Names go before numbers: the folders of ImageNet-V2 are called 0 to 999, and sorted as texts their numbers are not their names.
 */
function labelsByName(table: Table, rows: readonly number[], dataset: OodDataset): number[] | undefined {
  const { map, uncounted = [] } = dataset;
  if (table.columns.get("class")?.kind !== "text") return undefined;
  const { values, of } = columnOf(table, "class", "text");
  const used = [...new Set(rows.map((row) => of[row]!))].filter((value) => values[value] !== "");
  const names = used.map((value) => values[value]!);
  const areShared = sharesNames(names, map);
  const areElsewhere = !areShared && isNumbered(map) && table.columns.has("label");
  if (names.length === 0 || areElsewhere) return undefined;
  const mapped = areShared ? mapDatasetClasses(names, map) : names.map(() => -1);
  const others = new Set(uncounted.map(plainName));
  const stranger = names.findIndex((name, i) => mapped[i] === -1 && !others.has(plainName(name)));
  if (stranger >= 0) {
    const row = rows.find((own) => of[own] === used[stranger]);
    throw new TableError(table.name, unknownClass(names[stranger]!, dataset, areShared), row);
  }
  const labels = new Map(used.map((value, i) => [value, mapped[i]!]));
  return rows.map((row) => labels.get(of[row]!) ?? -1);
}

/** Whether the classes of a map have no names but their numbers. */
function isNumbered({ classes }: LabelMap): boolean {
  return classes.every((name, label) => name === `${label}`);
}

function unknownClass(name: string, { map, title, uncounted = [] }: OodDataset, areOthersKnown: boolean): string {
  const first = map.classes.slice(0, 2).map((own) => `"${own}"`);
  const last = map.classes.length > 2 ? `, … "${map.classes.at(-1)}"` : "";
  const remedy = areOthersKnown
    ? "correct it, name the data set that it is of, or leave the name empty where an image does not count"
    : 'give their numbers in a column "label" and no column "class", or a label map';
  const hint = didYouMean(name, [...map.classes, ...uncounted]);
  return `class "${name}" is none of ${title}, which are ${first.join(", ")}${last}${hint}; ${remedy}`;
}

/**
 * The right classes of some rows: of their labels or, in a data set whose images have several, those in the column `accepted` or in the file
 * of ImageNet-ReaL.
 *
 * @throws TableError naming the row of a label or list that is none, where there are no lists, and as {@link realLists} does
 */
export function acceptedOf(
  table: Table,
  rows: readonly number[],
  dataset: OodDataset,
  real: AcceptedClasses | undefined,
): FoundLists {
  const { map, title } = dataset;
  if (!dataset.isMultiLabel) return { accepted: acceptLabels(labelsOf(table, rows, dataset), map), notes: [] };
  if (table.columns.has("accepted")) {
    const texts = textsOf(table, "accepted");
    const lists = rows.map((row) => parseAccepted(texts[row]!, map.sourceClasses, table.name, row));
    return { accepted: acceptLists(lists), notes: [] };
  }
  if (real !== undefined) return realLists(table, rows, title, real);
  throw new TableError(
    table.name,
    `has ${counted(rows.length, "row")} of ${title}, whose images have lists of right classes; give a column "accepted", or real.json (--ood.real)`,
    rows[0],
  );
}

function parseAccepted(text: string, classes: number, name: string, row: number): number[] {
  const list = (text.match(/[^\s,;]+/g) ?? []).map(Number);
  if (list.every((label) => Number.isInteger(label) && label >= 0 && label < classes)) return list;
  throw new TableError(
    name,
    `accepted is "${text}"; give classes from 0 to ${classes - 1} with spaces between them`,
    row,
  );
}
