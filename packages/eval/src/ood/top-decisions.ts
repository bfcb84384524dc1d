import { columnOf, numbersOf, type Table, TableError } from "../table/index.ts";
import type { Decisions } from "./decisions.ts";

/**
 * The column `top`, lists of the classes decided for, best first, or one class in each row; and, where there is one, the column `probability`
 * beside it, which must fit it.
 *
 * @param classes how many the model has
 * @throws TableError naming the row of a number that is no class, of a class that comes twice, and of probabilities that are not between 0
 *   and 1, rise, or sum to more than 1
 */
export function topDecisions(table: Table, classes: number): Decisions & { readonly classes: Int32Array } {
  const { width: k, data } = listsOf(table, "top");
  for (let i = 0; i < data.length; i++) {
    const [row, value] = [Math.floor(i / k), data[i]!];
    if (!Number.isInteger(value) || value < 0 || value >= classes) {
      throw new TableError(
        table.name,
        `top has ${value}, which is no class; there are ${classes}, numbered from 0`,
        row,
      );
    }
    if (data.subarray(row * k, i).includes(value)) {
      throw new TableError(table.name, `top has class ${value} twice; give different classes, the best first`, row);
    }
  }
  if (table.columns.has("probability")) checkListed(table, k);
  return { k, classes: Int32Array.from(data) };
}

/** Rounding that stored probabilities may have. */
const tolerance = 1e-3;

function checkListed(table: Table, k: number): void {
  const { width, data } = listsOf(table, "probability");
  if (width !== k) {
    throw new TableError(table.name, `has ${k} classes in top and ${width} numbers in probability; give one for each`);
  }
  for (let row = 0; row * k < data.length; row++) {
    const own = data.subarray(row * k, (row + 1) * k);
    const outside = own.find((value) => !(value >= 0 && value <= 1));
    if (outside !== undefined) {
      throw new TableError(table.name, `probability has ${outside}, which is not between 0 and 1`, row);
    }
    const rising = own.findIndex((value, i) => i > 0 && value > own[i - 1]!);
    if (rising > 0) {
      throw new TableError(
        table.name,
        `probability ${own[rising]} comes after ${own[rising - 1]}; give the best first`,
        row,
      );
    }
    const sum = own.reduce((total, value) => total + value, 0);
    if (sum > 1 + tolerance) {
      throw new TableError(
        table.name,
        `probabilities of some classes sum to ${Number(sum.toPrecision(6))}, more than 1`,
        row,
      );
    }
  }
}

/** A column of lists, or of single numbers as lists of one. */
function listsOf(table: Table, name: string): { readonly width: number; readonly data: Float32Array } {
  if (table.columns.get(name)?.kind === "number") return { width: 1, data: Float32Array.from(numbersOf(table, name)) };
  return columnOf(table, name, "vector");
}
