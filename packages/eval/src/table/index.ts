export {
  type Column,
  type NumberColumn,
  numberColumn,
  type TextColumn,
  textColumn,
  type VectorColumn,
  vectorColumn,
} from "./column.ts";
export { loadTable, readTable, writeTable } from "./files.ts";
export { atOrigin, joinTables, type Origin } from "./join-tables.ts";
export type { ReadTableOptions } from "./read-options.ts";
export {
  columnOf,
  numbersOf,
  pickColumns,
  type Table,
  TableError,
  table,
  tableRows,
  textsOf,
} from "./table.ts";
