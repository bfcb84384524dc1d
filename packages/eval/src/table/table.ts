import { didYouMean } from "@vitscale/core";
import { counted } from "../counted.ts";
import {
  type Column,
  columnLength,
  type NumberColumn,
  selectRows,
  type TextColumn,
  type VectorColumn,
} from "./column.ts";
import type { Origin } from "./join-tables.ts";
import { numberOf } from "./number-of.ts";

/**
 * Rows of named, typed columns: what every evaluation starts from. A row is an image (or a trial, or a person); columns are what a
 * model said of it, its label, and facts about it.
 */
export interface Table {
  /** Where it comes from, for messages: a file's path, the name of a data set. */
  readonly name: string;
  /** Number of rows. Rows are counted from 0, as in arrays. */
  readonly length: number;
  readonly columns: ReadonlyMap<string, Column>;
  /** Columns that were left out, and why: they cannot be read, or one of two files lacks them. */
  readonly leftOut?: ReadonlyMap<string, string>;
  /** Which tables the rows are from, where several of different names were joined. */
  readonly origins?: readonly Origin[];
}

/** What is wrong with a table. The message begins with its name and, where one is to blame, the row. */
export class TableError extends RangeError {
  override readonly name = "TableError";

  constructor(
    readonly table: string,
    readonly problem: string,
    /** The first row that breaks the rule, counted from 0. */
    readonly row?: number,
  ) {
    super(`${table}: ${row === undefined ? "" : `row ${row}: `}${problem}`);
  }
}

/**
 * A table of columns.
 *
 * @throws TableError when the columns are not of one length.
 */
export function table(columns: Readonly<Record<string, Column>> | ReadonlyMap<string, Column>, name = "table"): Table {
  const map: ReadonlyMap<string, Column> = columns instanceof Map ? columns : new Map(Object.entries(columns));
  const lengths = [...map].map(([column, values]) => [column, columnLength(values)] as const);
  return { name, length: requireOneLength(lengths, name), columns: map };
}

/** The one length of columns, 0 of none. @throws TableError naming two that differ */
export function requireOneLength(
  lengths: readonly (readonly [column: string, length: number])[],
  name: string,
): number {
  const [first] = lengths;
  const other = lengths.find(([, length]) => length !== first?.[1]);
  if (first === undefined || other === undefined) return first?.[1] ?? 0;
  throw new TableError(
    name,
    `column "${first[0]}" has ${counted(first[1], "row")}, but "${other[0]}" has ${other[1]}; give all the same`,
  );
}

type OfKind = { number: NumberColumn; text: TextColumn; vector: VectorColumn };

/**
 * A column of the kind that the caller needs.
 *
 * @throws TableError when there is no such column (naming those there are), it was left out, or it is of another kind.
 */
export function columnOf<Kind extends Column["kind"]>(table: Table, name: string, kind: Kind): OfKind[Kind] {
  const column = table.columns.get(name);
  if (column === undefined) {
    const problem = table.leftOut?.get(name);
    if (problem !== undefined) throw new TableError(table.name, problem);
    const names = [...table.columns.keys()];
    throw new TableError(
      table.name,
      `has no column "${name}"; it has ${names.join(", ") || "none"}${didYouMean(name, names)}`,
    );
  }
  if (column.kind !== kind) throw otherKind(table.name, name, column, kind);
  return column as OfKind[Kind];
}

/** What is wrong with a column of another kind: of texts in place of numbers the first that is none, for the others may be numbers. */
function otherKind(path: string, name: string, column: Column, kind: Column["kind"]): TableError {
  if (kind === "number" && column.kind === "text") {
    const { values, of } = column;
    const row = of.findIndex((value) => numberOf(values[value]!) === undefined);
    if (row >= 0) return new TableError(path, `column "${name}" is "${values[of[row]!]}", but a number is needed`, row);
  }
  const remedy = kind === "vector" ? `; name its numbers "${name}.0", "${name}.1", … (in Parquet lists do too)` : "";
  return new TableError(path, `column "${name}" holds a ${column.kind} in each row, but a ${kind} is needed${remedy}`);
}

/** The numbers of a column, [rows]. @throws TableError as {@link columnOf} does */
export function numbersOf(table: Table, name: string): NumberColumn["data"] {
  return columnOf(table, name, "number").data;
}

/** The texts of a column in row order. @throws TableError as {@link columnOf} does */
export function textsOf(table: Table, name: string): string[] {
  const { values, of } = columnOf(table, name, "text");
  return Array.from(of, (value) => values[value]!);
}

/** The table with the given rows, in the given order. */
export function tableRows({ name, columns }: Table, rows: ArrayLike<number>): Table {
  const selected = new Map(Array.from(columns, ([column, values]) => [column, selectRows(values, rows)]));
  return { name, length: rows.length, columns: selected };
}

/** The table with those of its columns that are named; what it lacks of them, the result lacks. */
export function pickColumns({ columns, ...table }: Table, names: readonly string[]): Table {
  return { ...table, columns: new Map([...columns].filter(([column]) => names.includes(column))) };
}
