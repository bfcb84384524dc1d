import { counted } from "../counted.ts";
import { numberColumn, numbersOf, type Table, TableError, type TextColumn } from "../table/index.ts";
import { type AcceptedClasses, acceptLists } from "./accepted.ts";

/** Column of the number that each row's image has in ImageNet's validation set, see {@link validationNumbers}. */
export const validationColumn = "validation number";

/** Numbers from 0 of images that are named as in ImageNet's validation set, `ILSVRC2012_val_00000001` being 0; of other names -1. */
export function validationNumbers({ values, of }: TextColumn) {
  const numbers = values.map((name) => Number(/ILSVRC2012_val_(\d{8})/.exec(name)?.[1] ?? 0) - 1);
  return numberColumn(Int32Array.from(of, (value) => numbers[value]!));
}

/** Right classes of rows, and what their reader must know of how they were found. */
export interface FoundLists {
  readonly accepted: AcceptedClasses;
  readonly notes: readonly string[];
}

/**
 * The lists of ImageNet-ReaL for some rows: by the names of their images, for these may be in any order (folders of a class each are in that of
 * the classes); where no image has such a name, row by row in the order of the lists, which a note says.
 *
 * @param title of the data set, for messages
 * @throws TableError naming the row whose image has no such name, or a number beyond the lists; without names, unless there are as many rows as
 *   lists
 */
export function realLists(table: Table, rows: readonly number[], title: string, real: AcceptedClasses): FoundLists {
  const lists = real.start.length - 1;
  const known = table.columns.has(validationColumn) ? numbersOf(table, validationColumn) : undefined;
  if (known !== undefined && rows.some((row) => known[row]! >= 0)) {
    const broken = rows.find((row) => known[row]! < 0 || known[row]! >= lists);
    if (broken !== undefined) {
      const problem = `the image is none of the ${lists} of ${title}; name all as ImageNet's validation images, ILSVRC2012_val_00000001 and so on`;
      throw new TableError(table.name, problem, broken);
    }
    const listOf = (number: number) => [...real.classes.subarray(real.start[number], real.start[number + 1])];
    return { accepted: acceptLists(rows.map((row) => listOf(known[row]!))), notes: [] };
  }
  if (rows.length !== lists) {
    const problem =
      `has ${counted(rows.length, "row")} of ${title}, which has ${lists} images, and no names that tell which they are; give a column "image" ` +
      "with names such as ILSVRC2012_val_00000001, or all images in the order of these names";
    throw new TableError(table.name, problem, rows[0]);
  }
  return {
    accepted: real,
    notes: [
      `Rows of ${title} are taken to be in the order of the validation set, because no column "image" names them (ILSVRC2012_val_00000001 and so on); in another order the accuracy is wrong.`,
    ],
  };
}
