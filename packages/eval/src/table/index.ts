export {
  type Column,
  type NumberColumn,
  numberColumn,
  type TextColumn,
  textColumn,
  type VectorColumn,
  vectorColumn,
} from "./column.ts";
export { columnOf, joinTables, numbersOf, type Table, TableError, table, tableRows, textsOf } from "./table.ts";
