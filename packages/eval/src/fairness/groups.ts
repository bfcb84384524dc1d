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
  const columns = typeof attribute === "string" ? [attribute] : attribute;
  const groups = columns.map((column) => groupsOfColumn(table, column)).reduce(crossGroups);
  checkSizes(groups, minimumCases, table.name);
  return groups;
}

function groupsOfColumn(table: Table, attribute: string): Groups {
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

function checkSizes(groups: Groups, minimumCases: number, table: string): void {
  const { attribute, names } = groups;
  if (names.length < 2) {
    throw new TableError(
      table,
      `column "${attribute}" has ${names.length === 0 ? "no group" : `only the group "${names[0]}"`}; fairness compares at least two`,
    );
  }
  for (const [group, rows] of rowsOfGroups(groups).entries()) {
    if (rows.length >= minimumCases) continue;
    const cases = rows.length === 1 ? "one case" : `${rows.length} cases`;
    throw new TableError(
      table,
      `group "${names[group]}" of "${attribute}" has ${cases}, fewer than ${minimumCases}; join it with another group or leave it out`,
      rows[0],
    );
  }
}
