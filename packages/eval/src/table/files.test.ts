import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { hostTensor, saveNpy } from "@vitscale/core";
import { afterAll, describe, expect, it } from "vitest";
import { numberColumn, textColumn, vectorColumn } from "./column.ts";
import { loadTable, readTable, writeTable } from "./files.ts";
import { joinTables } from "./join-tables.ts";
import { columnOf, numbersOf, type Table, table, textsOf } from "./table.ts";

const folder = mkdtempSync(join(tmpdir(), "vitscale-tables-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function lengths(parts: AsyncIterable<Table>): Promise<number[]> {
  const found: number[] = [];
  for await (const part of parts) found.push(part.length);
  return found;
}

const mixed = table({
  image: textColumn(["a.png", 'say "b", twice.png', "c\nd.png"]),
  label: numberColumn(Int32Array.of(0, 2, 1)),
  weight: numberColumn([0.1, Number.NaN, -3]),
  scores: vectorColumn(Float32Array.of(1, 0.5, 0.25, 0.125, -1, 2), 2),
});

describe("CSV", () => {
  it("has numbers, texts, and vectors of numbered columns", async () => {
    const read = await loadTable(
      file("a.csv", "image,label,scores.0,scores.1\r\na.png,0,0.5,1e-3\r\n\r\nb.png,,NaN,-inf\r\n"),
    );
    expect(textsOf(read, "image")).toEqual(["a.png", "b.png"]);
    expect([...numbersOf(read, "label")]).toEqual([0, Number.NaN]);
    const { width, data } = columnOf(read, "scores", "vector");
    expect(width).toBe(2);
    expect([...data]).toEqual([0.5, Math.fround(1e-3), Number.NaN, Number.NEGATIVE_INFINITY]);
  });

  it("may be quoted, gzipped, marked by a byte order mark, tab-separated, without a last line end", async () => {
    const path = file("b.csv.gz", gzipSync('\ufeff"a","b, ""c"""\n"1\n2",3'));
    const read = await loadTable(path);
    expect(textsOf(read, "a")).toEqual(["1\n2"]);
    expect([...numbersOf(read, 'b, "c"')]).toEqual([3]);
    const tabs = await loadTable(file("b.tsv", "a\tb\n1,5\t2\n"));
    expect(textsOf(tabs, "a")).toEqual(["1,5"]);
  });

  it("comes in parts, across the pieces in which a file arrives", async () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `"image ${i}",${i}`);
    const path = file("long.csv", `image,label\n${rows.join("\n")}\n`);
    expect(await lengths(readTable(path, { partRows: 25_000 }))).toEqual([25_000, 25_000, 10_000]);
    const whole = await loadTable(path);
    expect(textsOf(whole, "image")[59_999]).toBe("image 59999");
    expect(numbersOf(whole, "label").every((value, row) => value === row)).toBe(true);
  });

  it("has fields that are longer than the pieces in which a file arrives", async () => {
    const [long, other] = ['say "1", '.repeat(600_000), "x\n".repeat(1_500_000)];
    const path = file("field.csv", `image,label\n"${long.replaceAll('"', '""')}",1\n"${other}",2\nlast,3\n`);
    const whole = await loadTable(path);
    expect(textsOf(whole, "image").map((text) => text === long || text === other || text)).toEqual([
      true,
      true,
      "last",
    ]);
    expect([...numbersOf(whole, "label")]).toEqual([1, 2, 3]);
    const open = file("open.csv", `image,label\na,1\n"${long.replaceAll('"', '""')}`);
    await expect(loadTable(open)).rejects.toThrow("row 1: has a quoted field without its closing quote");
  });

  it("comes in parts of fewer rows where these are wide", async () => {
    const width = 2 ** 16;
    const header = Array.from({ length: width }, (_, i) => `scores.${i}`).join(",");
    const line = new Array(width).fill("1").join(",");
    const path = file("wide.csv", `${header}\n${new Array(20).fill(line).join("\n")}\n`);
    // A million numbers each.
    expect(await lengths(readTable(path))).toEqual([16, 4]);
    expect(await lengths(readTable(path, { partRows: 20 }))).toEqual([20]);
  });

  it("takes the kind of a column from its first part, or as it is told", async () => {
    const path = file("kinds.csv", "condition\n10\n20\ninfinite\n");
    await expect(lengths(readTable(path, { partRows: 2 }))).rejects.toThrow(
      `${path}: row 2: column "condition" is "infinite", but the values before it are numbers; if it holds texts, ` +
        'say so: --as-text condition, or kinds: { "condition": "text" } in a program',
    );
    expect(textsOf(await loadTable(path, { kinds: { condition: "text" }, partRows: 2 }), "condition")).toEqual([
      "10",
      "20",
      "infinite",
    ]);
  });

  it.each([
    ["", "is empty; its first line must name the columns"],
    ["a,a\n1,2\n", 'has two columns named "a"; give each a name of its own'],
    ["a,b\n1,2\n1,2,3\n", "row 1: has 3 fields, but the first line names 2 columns"],
    ['a,b\n1,"2\n', 'row 0: has a quoted field without its closing quote: 1,"2'],
    ['a,b\n1,"2"\n3,"4\n5,6\n', 'row 1: has a quoted field without its closing quote: 3,"4'],
    ['a,"b\n1,2\n', 'has a quoted field without its closing quote: a,"b'],
    ["scores.0,scores.1\n1,2\n1,x\n", 'row 1: column "scores.1" is "x", but a vector holds numbers; name it otherwise'],
    [
      "scores.0,scores.1,label,scores.3\n2,1,0,9\n",
      'has columns "scores.0" and "scores.3", but no "scores.2"; give all numbers of the vector "scores"',
    ],
  ])("%j is an error that says where and why", async (text, message) => {
    const path = file("wrong.csv", text);
    await expect(loadTable(path)).rejects.toThrow(`${path}: ${message}`);
  });

  it("takes blank fields for missing numbers, and a zero for a zero", async () => {
    const read = await loadTable(file("blank.csv", "a,b\n0, \n-0,1\n"));
    expect([...numbersOf(read, "a")]).toEqual([0, -0]);
    expect([...numbersOf(read, "b")]).toEqual([Number.NaN, 1]);
  });

  it("names a gzip file that was cut off", async () => {
    const packed = gzipSync(`a\n${Array.from({ length: 5000 }, (_, i) => i * i).join("\n")}`);
    const path = file("cut.csv.gz", packed.subarray(0, packed.length / 2));
    await expect(loadTable(path)).rejects.toThrow(`${path}: cannot be read to its end: unexpected end of file`);
  });

  it("has no rows where there is only a header", async () => {
    expect(await loadTable(file("header.csv", "a,b\n"))).toMatchObject({ length: 0 });
  });
});

describe("Parquet", () => {
  it("is read as pyarrow wrote it, row group by row group", async () => {
    const path = new URL("../../fixtures/predictions.parquet", import.meta.url).pathname;
    expect(await lengths(readTable(path))).toEqual([3, 2]);
    const read = await loadTable(path);
    expect(textsOf(read, "image")).toEqual(["image-0.png", "image-1.png", "image-2.png", "image-3.png", ""]);
    expect([...numbersOf(read, "label")]).toEqual([0, 1, 2, 1, 0]);
    expect([...numbersOf(read, "weight")]).toEqual([0.5, Number.NaN, 1.5, 2, 2.5]);
    expect([...numbersOf(read, "right")]).toEqual([1, 0, 1, 1, 0]);
    expect([...columnOf(read, "scores", "vector").data.subarray(6, 12)]).toEqual([2, 2.25, -2, 3, 3.25, -3]);
    expect([...columnOf(read, "logits", "vector").data]).toEqual([1, 10, 2, 20, 3, 30, 4, 40, 5, 50]);
  });
});

describe("parts", () => {
  const wide = () => {
    const data = Float32Array.from({ length: 20 * 2 ** 16 }, (_, i) => i % 1000);
    return table({ scores: vectorColumn(data, 2 ** 16), id: numberColumn(Int32Array.from(Array(20).keys())) });
  };
  it.each(["wide.parquet", "wide.npz"])(
    "of %s are of a million numbers, whatever the file holds at once",
    async (name) => {
      const path = join(folder, name);
      await writeTable(path, [wide()]);
      expect(await lengths(readTable(path))).toEqual([15, 5]);
      const read = await loadTable(path, { kinds: { id: "text" } });
      const { data } = columnOf(wide(), "scores", "vector");
      expect(columnOf(read, "scores", "vector").data.every((value, i) => value === data[i])).toBe(true);
      expect(textsOf(read, "id")).toEqual(Array.from(Array(20).keys(), String));
    },
  );

  it("of texts are texts where all of a part are missing", async () => {
    // One row group, as pyarrow wrote it: `name` is missing in every seventh row.
    const path = fileURLToPath(new URL("../../../data/fixtures/pages-1.parquet", import.meta.url));
    const columns = new Set<string>();
    for await (const part of readTable(path, { partRows: 1, kinds: { nested: "text", some: "text" } })) {
      columns.add(`${part.columns.get("name")?.kind} ${part.columns.get("scores")?.kind}`);
    }
    expect([...columns]).toEqual(["text vector"]);
  });
});

describe("columns that name things", () => {
  it.each(["numbers.csv", "numbers.parquet", "numbers.npz"])("hold texts in %s, numbers or not", async (name) => {
    const path = join(folder, name);
    await writeTable(path, [
      table({ image: numberColumn(Int32Array.of(7, 12)), accepted: numberColumn([3, Number.NaN]) }),
    ]);
    const read = await loadTable(path);
    expect(textsOf(read, "image")).toEqual(["7", "12"]);
    // In CSV a number that is missing was written as NaN.
    expect(textsOf(read, "accepted").map((text) => text.replace("NaN", ""))).toEqual(["3", ""]);
  });

  it("keep leading zeros, and lists of several right classes", async () => {
    const read = await loadTable(file("zeros.csv", "image,accepted,label\n0007,12,1\n0012,,0\n"));
    expect(textsOf(read, "image")).toEqual(["0007", "0012"]);
    expect(textsOf(read, "accepted")).toEqual(["12", ""]);
    expect([...numbersOf(read, "label")]).toEqual([1, 0]);
    const path = join(folder, "lists.parquet");
    await writeTable(path, [table({ accepted: vectorColumn(Float32Array.of(1, 2, 3, 4), 2) })]);
    expect(textsOf(await loadTable(path), "accepted")).toEqual(["1 2", "3 4"]);
  });
});

it.each(["alone.csv", "alone.parquet"])("reads features.0 alone in %s as a vector of one number", async (name) => {
  const path = join(folder, name);
  await writeTable(path, [table({ "features.0": numberColumn([0.5, 2]), label: numberColumn([0, 1]) })]);
  expect(columnOf(await loadTable(path), "features", "vector")).toMatchObject({
    width: 1,
    data: Float32Array.of(0.5, 2),
  });
});

describe("names of a file's own", () => {
  it.each(["own.csv", "own.parquet"])("stand for those of the table in %s", async (name) => {
    const path = join(folder, name);
    await writeTable(path, [
      table({ p: numberColumn([0.5, 1]), id: numberColumn([7, 8]), f: vectorColumn(Float32Array.of(1, 2, 3, 4), 2) }),
    ]);
    const read = await loadTable(path, { names: { scores: "p", image: "id", features: "f" } });
    expect([...read.columns.keys()]).toEqual(["scores", "image", "features"]);
    expect(textsOf(read, "image")).toEqual(["7", "8"]);
    expect([...columnOf(read, "features", "vector").data]).toEqual([1, 2, 3, 4]);
    await expect(loadTable(path, { names: { scores: "q" } })).rejects.toThrow(
      `${path}: has no column "q" to be read as "scores"; it has p, id, f`,
    );
    await expect(loadTable(path, { names: { id: "p" } })).rejects.toThrow(
      `${path}: has a column "id", and "p" is to be read as it; leave one of them out`,
    );
    await expect(loadTable(path, { names: { scores: "p", label: "p" } })).rejects.toThrow(
      `${path}: column "p" is to be read as "scores" and as "label"; give it one name`,
    );
    // Two columns may change their places.
    expect([...numbersOf(await loadTable(path, { names: { id: "p", p: "id" } }), "p")]).toEqual([7, 8]);
  });

  it("stand for those of arrays", async () => {
    const path = join(folder, "own.npz");
    await writeTable(path, [table({ y: numberColumn(Int32Array.of(1, 0)) })]);
    expect([...numbersOf(await loadTable(path, { names: { label: "y" } }), "label")]).toEqual([1, 0]);
    const array = join(folder, "own.npy");
    await saveNpy(array, hostTensor("float32", [1, 2], Float32Array.of(3, 4)));
    expect([...(await loadTable(array, { names: { features: "scores" } })).columns.keys()]).toEqual(["features"]);
  });
});

describe("writeTable", () => {
  it.each(["back.csv", "back.parquet"])("keeps every kind of column in %s", async (name) => {
    const path = join(folder, name);
    await writeTable(path, [mixed, mixed]);
    const read = await loadTable(path);
    expect(textsOf(read, "image")).toEqual([...textsOf(mixed, "image"), ...textsOf(mixed, "image")]);
    expect([...numbersOf(read, "label")]).toEqual([0, 2, 1, 0, 2, 1]);
    expect([...numbersOf(read, "weight")]).toEqual([0.1, Number.NaN, -3, 0.1, Number.NaN, -3]);
    expect([...columnOf(read, "scores", "vector").data.subarray(6)]).toEqual([1, 0.5, 0.25, 0.125, -1, 2]);
  });

  it("writes CSV as others read it", async () => {
    const path = join(folder, "plain.csv");
    await writeTable(path, [mixed]);
    expect(readFileSync(path, "utf8")).toBe(
      'image,label,weight,scores.0,scores.1\na.png,0,0.1,1,0.5\n"say ""b"", twice.png",2,NaN,0.25,0.125\n"c\nd.png",1,-3,-1,2\n',
    );
  });

  it("leaves no file behind when a part does not fit", async () => {
    const path = join(folder, "broken.csv");
    const other = table({ label: numberColumn([1]) });
    await expect(writeTable(path, [mixed, other])).rejects.toThrow("a part has the columns label, but the first had");
    await expect(loadTable(path)).rejects.toThrow("is not there");
  });
});

describe("NumPy files", () => {
  it("are scores, labels, or an archive of columns", async () => {
    const scores = join(folder, "scores.npy");
    await saveNpy(scores, hostTensor("float32", [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)));
    expect(await lengths(readTable(scores, { partRows: 2 }))).toEqual([2, 1]);
    expect([...columnOf(await loadTable(scores), "scores", "vector").data]).toEqual([1, 2, 3, 4, 5, 6]);
    await saveNpy(scores, hostTensor("float32", [20, 2 ** 16]));
    expect(await lengths(readTable(scores))).toEqual([16, 4]);
    const labels = join(folder, "labels.npy");
    await saveNpy(labels, hostTensor("int32", [2], Int32Array.of(7, 8)));
    expect([...numbersOf(await loadTable(labels), "label")]).toEqual([7, 8]);

    const archive = join(folder, "both.npz");
    await writeTable(archive, [
      table({ label: numberColumn(Int32Array.of(1)), scores: vectorColumn(Float32Array.of(2, 3), 2) }),
    ]);
    const read = await loadTable(archive);
    expect([...numbersOf(read, "label")]).toEqual([1]);
    expect([...columnOf(read, "scores", "vector").data]).toEqual([2, 3]);
    const ids = (...values: number[]) => table({ id: numberColumn(Float64Array.from(values)) });
    await writeTable(archive, [ids(20_000_001, -1)]);
    expect([...numbersOf(await loadTable(archive), "id")]).toEqual([20_000_001, -1]);
    await expect(writeTable(archive, [ids(1, 2 ** 31)])).rejects.toThrow(
      'row 1: column "id" is 2147483648, a whole number beyond those of int32; write it as .parquet or .csv',
    );
    await expect(writeTable(archive, [mixed])).rejects.toThrow(
      'column "image" holds texts, which are not written to npz',
    );
  });
});

it("reads arrays of texts, and leaves out those of objects that no suite looks for, which it says where one is asked for", async () => {
  // np.savez_compressed(file, label=np.array([0, 1], np.int32), group=np.array(["a", "é😀"]), objects=np.array(["x", None], dtype=object))
  const withObjects =
    "UEsDBC0AAAAIAAAAIQB7VrXz//////////8JABQAbGFiZWwubnB5AQAQAIgAAAAAAAAASQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mirqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAuBiBgBGIAUEsDBC0AAAAIAAAAIQAyuP0Z//////////8JABQAZ3JvdXAubnB5AQAQAJAAAAAAAAAATgAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuE2qkrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFACuRAYIeAkivjEyAABQSwMELQAAAAgAAAAhABdaZ5z//////////wsAFABvYmplY3RzLm5weQEAEAAaAQAAAAAAAMYAAAAAAAAApYs9C4JAGMe9XgiiudntDMShKVoagoakK4KGhpBLLwxM5fGMpIKWqOCgwafPW5Yfod/wh/9bzhaT2ZJoe+1IPZG4QPs6PU2pqdNNBBJ46ETgiW884kEiijzxeSwKb3TNjqmf9X9oXmqvp1ai2mG6izPLcSMQ1i4N5JYD8AxVywHhRmEiIXUl5qjqvyWqRuiVkxxt7YpDssYbztGwiV25ol9VdU9msfheKtMePu5lW1XkhIyx8bvgJ/ZA4vqxQkORAzJRGOsDUEsBAi0DLQAAAAgAAAAhAHtWtfNJAAAAiAAAAAkAAAAAAAAAAAAAAIABAAAAAGxhYmVsLm5weVBLAQItAy0AAAAIAAAAIQAyuP0ZTgAAAJAAAAAJAAAAAAAAAAAAAACAAYQAAABncm91cC5ucHlQSwECLQMtAAAACAAAACEAF1pnnMYAAAAaAQAACwAAAAAAAAAAAAAAgAENAQAAb2JqZWN0cy5ucHlQSwUGAAAAAAMAAwCnAAAAEAIAAAAA";
  // The same objects as condition=.
  const withCondition =
    "UEsDBC0AAAAIAAAAIQB7VrXz//////////8JABQAbGFiZWwubnB5AQAQAIgAAAAAAAAASQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mirqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAuBiBgBGIAUEsDBC0AAAAIAAAAIQAXWmec//////////8NABQAY29uZGl0aW9uLm5weQEAEAAaAQAAAAAAAMYAAAAAAAAApYs9C4JAGMe9XgiiudntDMShKVoagoakK4KGhpBLLwxM5fGMpIKWqOCgwafPW5Yfod/wh/9bzhaT2ZJoe+1IPZG4QPs6PU2pqdNNBBJ46ETgiW884kEiijzxeSwKb3TNjqmf9X9oXmqvp1ai2mG6izPLcSMQ1i4N5JYD8AxVywHhRmEiIXUl5qjqvyWqRuiVkxxt7YpDssYbztGwiV25ol9VdU9msfheKtMePu5lW1XkhIyx8bvgJ/ZA4vqxQkORAzJRGOsDUEsBAi0DLQAAAAgAAAAhAHtWtfNJAAAAiAAAAAkAAAAAAAAAAAAAAIABAAAAAGxhYmVsLm5weVBLAQItAy0AAAAIAAAAIQAXWmecxgAAABoBAAANAAAAAAAAAAAAAACAAYQAAABjb25kaXRpb24ubnB5UEsFBgAAAAACAAIAcgAAAIkBAAAAAA==";
  const path = file("texts.npz", Buffer.from(withObjects, "base64"));
  const parts: Table[] = [];
  for await (const part of readTable(path, { partRows: 1 })) parts.push(part);
  const read = joinTables(parts);
  expect([...numbersOf(read, "label")]).toEqual([0, 1]);
  expect([...read.columns.keys()]).toEqual(["label", "group"]);
  expect(textsOf(read, "group")).toEqual(["a", "é😀"]);
  for (const some of [read, parts[0]!]) {
    expect(() => columnOf(some, "objects", "text")).toThrow(
      `${path}: array "objects" holds pickled Python objects, and unpickling runs whatever code the file contains`,
    );
  }
  const needed = [
    readTable(path, { kinds: { objects: "text" } }),
    readTable(file("condition.npz", Buffer.from(withCondition, "base64"))),
  ];
  for (const table of needed) await expect(table.next()).rejects.toThrow("holds pickled Python objects");
});

it("reads gzipped npy files, and integers [rows, k] as lists of classes", async () => {
  const plain = join(folder, "top.npy");
  await saveNpy(plain, hostTensor("int32", [3, 2], Int32Array.of(4, 2, 7, 0, 1, 3)));
  const packed = file("top.npy.gz", gzipSync(readFileSync(plain)));
  for (const path of [plain, packed]) {
    expect(await lengths(readTable(path, { partRows: 2 }))).toEqual([2, 1]);
    expect([...columnOf(await loadTable(path), "top", "vector").data]).toEqual([4, 2, 7, 0, 1, 3]);
  }
  const cut = file("cut.npy.gz", gzipSync(readFileSync(plain)).subarray(0, 60));
  await expect(loadTable(cut)).rejects.toThrow(`${cut}: cannot be unpacked and read: unexpected end of file`);
});

it("names endings that are no tables", () => {
  expect(() => readTable("a.xlsx")).toThrow("a.xlsx: has no ending of a table that can be read; give .csv");
});
