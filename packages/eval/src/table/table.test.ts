import { describe, expect, it } from "vitest";
import { numberColumn, textColumn, vectorColumn } from "./column.ts";
import { atOrigin, joinTables } from "./join-tables.ts";
import { columnOf, numbersOf, pickColumns, TableError, table, tableRows, textsOf } from "./table.ts";

const animals = table(
  {
    label: numberColumn([0, 1, 1]),
    image: textColumn(["cat.png", "dog.png", "dog.png"]),
    scores: vectorColumn(Float32Array.of(1, 0, 0.5, 0.5, 0.25, 0.75), 2),
  },
  "animals.csv",
);

describe("table", () => {
  it("gives columns by name and kind", () => {
    expect([...numbersOf(animals, "label")]).toEqual([0, 1, 1]);
    expect(textsOf(animals, "image")).toEqual(["cat.png", "dog.png", "dog.png"]);
    expect(columnOf(animals, "image", "text").values).toEqual(["cat.png", "dog.png"]);
  });

  it("says which columns there are, and what kind they have", () => {
    expect(() => numbersOf(animals, "lable")).toThrow(
      'animals.csv: has no column "lable"; it has label, image, scores; did you mean "label"?',
    );
    expect(() => numbersOf(animals, "image")).toThrow(
      'animals.csv: row 0: column "image" is "cat.png", but a number is needed',
    );
    expect(() => numbersOf(table({ label: textColumn(["1", "", "2", "x"]) }, "t"), "label")).toThrow(
      't: row 3: column "label" is "x", but a number is needed',
    );
    expect(() => columnOf(animals, "label", "vector")).toThrow(
      'column "label" holds a number in each row, but a vector is needed; name its numbers "label.0", "label.1", …',
    );
    expect(() => table({ a: numberColumn([1]), b: numberColumn([1, 2]) }, "t")).toThrow(
      't: column "a" has 1 row, but "b" has 2; give all the same',
    );
  });

  it("selects and joins rows of every kind", () => {
    const turned = tableRows(animals, [2, 0]);
    expect(textsOf(turned, "image")).toEqual(["dog.png", "cat.png"]);
    const joined = joinTables([turned, tableRows(animals, [1])], "joined");
    expect(joined).toMatchObject({ name: "joined", length: 3 });
    expect([...numbersOf(joined, "label")]).toEqual([1, 0, 1]);
    expect([...columnOf(joined, "scores", "vector").data]).toEqual([0.25, 0.75, 1, 0, 0.5, 0.5]);
    expect(textsOf(joined, "image")).toEqual(["dog.png", "cat.png", "dog.png"]);
  });

  it("knows of joined rows which table they are from", () => {
    const plants = { ...tableRows(animals, [0, 1]), name: "plants.csv" };
    const joined = joinTables([tableRows(animals, [0]), tableRows(animals, [1, 2]), plants]);
    expect(joined.name).toBe("animals.csv and plants.csv");
    const wrongAt = (row?: number) => (atOrigin(joined, new TableError(joined.name, "is wrong", row)) as Error).message;
    expect([2, 3, 4].map(wrongAt)).toEqual([
      "animals.csv: row 2: is wrong",
      "plants.csv: row 0: is wrong",
      "plants.csv: row 1: is wrong",
    ]);
    expect(wrongAt()).toBe("animals.csv and plants.csv: is wrong");
    expect(joinTables([animals, animals]).origins).toBeUndefined();
  });

  it("picks columns, as far as they are there", () => {
    const picked = pickColumns(animals, ["scores", "weight", "label"]);
    expect([...picked.columns.keys()]).toEqual(["label", "scores"]);
    expect(picked).toMatchObject({ name: "animals.csv", length: 3 });
  });

  it("refuses to join what does not fit", () => {
    expect(() => joinTables([table({ a: numberColumn([1]) }), table({ a: textColumn(["x"]) })], "both")).toThrow(
      'both: column "a": a number column goes on as text; give all parts the same kind',
    );
  });
});
