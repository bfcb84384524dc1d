/** Rows as lines of aligned columns, two spaces apart. The last column may be of any width. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map(({ length }) => length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => `${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd()).join("\n");
}

/** Rows as a table of Markdown, the first row its head; all columns but the first are numbers. */
export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

/** An error as a cell of a table: its first line, cut to a length at which a table can still be read. Its run has all of it. */
export function errorCell(error: string, longest = 100): string {
  const [line = "", ...rest] = error.split("\n");
  if (line.length <= longest) return rest.length === 0 ? line : `${line} …`;
  return `${line.slice(0, longest - 1)}…`;
}
