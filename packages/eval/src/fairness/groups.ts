import { didYouMean } from "@vitscale/core";
import { columnOf, type Table, TableError } from "../table/index.ts";

/** Which group each row belongs to. */
export interface Groups {
  /** What the groups differ in: the column's name, such as `sex`. */
  readonly attribute: string;
  readonly names: readonly string[];
  /** [rows] numbers of groups */
  readonly of: Int32Array;
}

/**
 * The groups of a column: its texts, or its numbers written as texts, in alphabetical order. Of several columns, every combination that
 * occurs.
 *
 * @param minimumCases groups with fewer rows are an error, for a rate of one row is 0 or 1 and makes every gap the largest; 2 by default
 * @throws TableError naming the row of a group that is too small, of an empty text or of NaN; or when there is only one group
 */
export function groupsOf(table: Table, attribute: string | readonly string[], { minimumCases = 2 } = {}): Groups {
  const groups = groupsIn(table, attribute);
  const sizes = rowsOfGroups(groups).map((rows, group) => ({
    name: groups.names[group]!,
    cases: rows.length,
    firstRow: rows[0]!,
  }));
  checkSizes(groups.attribute, sizes, minimumCases, table.name);
  return groups;
}

/** {@link groupsOf} of a part of a table, in which there may be one group alone, or few rows of one. */
export function groupsIn(table: Table, attribute: string | readonly string[]): Groups {
  const columns = typeof attribute === "string" ? [attribute] : attribute;
  return columns.map((column) => groupsOfColumn(table, column)).reduce(crossGroups);
}

function groupsOfColumn(table: Table, attribute: string): Groups {
  if (!table.columns.has(attribute)) {
    const leftOut = table.leftOut?.get(attribute);
    if (leftOut !== undefined) throw new TableError(table.name, leftOut);
    const names = [...table.columns.keys()];
    throw new TableError(
      table.name,
      `has no column "${attribute}"; it has ${names.join(", ")}${didYouMean(attribute, names)}; the suite's option attributes names the columns of groups`,
    );
  }
  const kind = table.columns.get(attribute)?.kind === "number" ? "number" : "text";
  const column = columnOf(table, attribute, kind);
  const text =
    column.kind === "number"
      ? (row: number) => `${column.data[row]}`
      : (row: number) => column.values[column.of[row]!]!;
  const rows = Array.from({ length: table.length }, (_, row) => text(row));
  const broken = rows.findIndex((name) => name === "" || name === "NaN");
  if (broken >= 0) {
    throw new TableError(
      table.name,
      `column "${attribute}" is empty; say what group it is, "unknown" for instance`,
      broken,
    );
  }
  const names = [...new Set(rows)].sort();
  const numbers = new Map(names.map((name, number) => [name, number]));
  return { attribute, names, of: Int32Array.from(rows, (name) => numbers.get(name)!) };
}

/** The rows of each group: [groups][cases]. */
export function rowsOfGroups({ names, of }: Groups): readonly Int32Array[] {
  const sizes = new Int32Array(names.length);
  for (const group of of) sizes[group]!++;
  const rows = names.map((_, group) => new Int32Array(sizes[group]!));
  sizes.fill(0);
  for (let row = 0; row < of.length; row++) {
    const group = of[row]!;
    rows[group]![sizes[group]!++] = row;
  }
  return rows;
}

/** Groups of every combination that occurs, such as `Black, Female`. */
function crossGroups(first: Groups, second: Groups): Groups {
  const pairs = Array.from(first.of, (group, row) => group * second.names.length + second.of[row]!);
  const present = [...new Set(pairs)].sort((a, b) => a - b);
  const numbers = new Map(present.map((pair, number) => [pair, number]));
  return {
    attribute: `${first.attribute}*${second.attribute}`,
    names: present.map((pair) => {
      const [a, b] = [Math.floor(pair / second.names.length), pair % second.names.length];
      return `${first.names[a]}, ${second.names[b]}`;
    }),
    of: Int32Array.from(pairs, (pair) => numbers.get(pair)!),
  };
}

/** The groups of these rows, in this order; groups keep their numbers and may become empty. */
export function selectGroups(groups: Groups, rows: ArrayLike<number>): Groups {
  return { ...groups, of: Int32Array.from({ length: rows.length }, (_, i) => groups.of[rows[i]!]!) };
}

/** More groups than this are names of rows, or measurements. */
const mostGroups = 10_000;

/**
 * Checks that groups can be compared.
 *
 * @throws TableError when there are fewer than two, or very many, or when one has too few rows
 */
export function checkSizes(
  attribute: string,
  groups: readonly { readonly name: string; readonly cases: number; readonly firstRow: number }[],
  minimumCases: number,
  table: string,
): void {
  if (groups.length < 2) {
    throw new TableError(
      table,
      `column "${attribute}" has ${groups.length === 0 ? "no group" : `only the group "${groups[0]!.name}"`}; fairness compares at least two`,
    );
  }
  if (groups.length > mostGroups) {
    throw new TableError(
      table,
      `column "${attribute}" has ${groups.length} groups; fairness compares at most ${mostGroups}: join them, such as ages to decades`,
    );
  }
  for (const { name, cases, firstRow } of groups) {
    if (cases >= minimumCases) continue;
    const few = cases === 1 ? "one case" : `${cases} cases`;
    throw new TableError(
      table,
      `group "${name}" of "${attribute}" has ${few}, fewer than ${minimumCases}; join it with another group or leave it out`,
      firstRow,
    );
  }
}
