import { type Table, TableError, textsOf } from "../table/index.ts";

/**
 * For each text the number of its image among the images, by the column `image`: names, or numbers that stand for them.
 *
 * @throws TableError naming the row of an image that occurs twice or has no text, and of a text of no image
 */
export function imageOfEachText(table: Table, images: Int32Array, texts: Int32Array): Int32Array {
  const column = table.columns.get("image");
  const names = column?.kind === "number" ? Array.from(column.data, String) : textsOf(table, "image");
  const numbers = new Map<string, number>();
  for (const [number, row] of images.entries()) {
    const name = names[row]!;
    if (numbers.has(name))
      throw new TableError(table.name, `image "${name}" is there already; name each image once`, row);
    numbers.set(name, number);
  }
  const owners = Int32Array.from(texts, (row) => {
    const owner = numbers.get(names[row]!);
    if (owner === undefined)
      throw new TableError(table.name, `no image has the name "${names[row]}" of this text`, row);
    return owner;
  });
  const withText = new Set(owners);
  const alone = images.findIndex((_, number) => !withText.has(number));
  if (alone >= 0) {
    throw new TableError(table.name, `image "${names[images[alone]!]}" has no text; leave it out`, images[alone]!);
  }
  return owners;
}
