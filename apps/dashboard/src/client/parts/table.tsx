import type { ComponentChildren } from "preact";
import { Scroll } from "./scroll.tsx";

/** A table that scrolls when it is too wide. The first cell of a row is its heading; columns of numbers are set right-aligned. */
export function Table(props: {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly key: string; readonly cells: readonly ComponentChildren[] }[];
  readonly isNumber: (column: number) => boolean;
  /** Shows the title above the table. */
  readonly hasCaption?: boolean;
}) {
  const { title, columns, rows, isNumber, hasCaption = false } = props;
  const align = (column: number) => (isNumber(column) ? "number" : "");
  return (
    <Scroll label={title}>
      <table class="plain">
        {hasCaption && <caption>{title}</caption>}
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={column} scope="col" class={align(index)}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells: [heading, ...cells] }) => (
            <tr key={key}>
              <th scope="row">{heading}</th>
              {cells.map((cell, index) => (
                <td key={columns[index + 1]} class={align(index + 1)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** Every column but the first: what most tables of results have. */
export const allButFirst = (column: number) => column > 0;
