import { readFile, rm, truncate } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/temporary-folder.ts";
import { indexTar } from "../files/tar.ts";
import { labelsOf } from "../label-sets.ts";
import { openLoader } from "../loader/loader.ts";
import { catalogOf, openCatalogued, openSource } from "../open-source.ts";
import { parquet } from "./parquet.ts";
import { webDataset } from "./web-dataset.ts";

const { write } = await temporaryFolder();
const fixture = (name: string) => new URL(`../../fixtures/${name}`, import.meta.url).pathname;

/** A tar entry as old as the format: name, octal size, checksum, type. */
function entry(name: string, contents: string | Uint8Array, type = "0", size?: string) {
  const data = Buffer.from(contents);
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(size ?? data.length.toString(8).padStart(11, "0"), 124);
  header.write(type, 156);
  header.write("ustar\0" + "00", 257);
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0`, 148);
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

const end = Buffer.alloc(1024);

describe("WebDataset", () => {
  const longName = `${"a".repeat(80)}/${"b".repeat(80)}`;

  it.each(["ustar", "pax", "gnu"])(
    "reads archives that Python's tarfile wrote as %s, with long names",
    async (kind) => {
      const source = await openSource(webDataset({ files: [fixture(`${kind}.tar`)] }));
      expect([...source.labels]).toEqual([0, 1, 2]);
      expect([0, 1, 2].map((i) => source.nameOf(i))).toEqual(
        ["one", "two", longName].map((key) => `${kind}.tar:${key}`),
      );
      const same = await openSource(parquet({ files: [fixture("hugging-face.parquet")] }));
      // Both fixtures hold the same PNG files.
      for (const i of [2, 0, 1]) expect(await source.read(i)).toEqual(await same.read(i));
      await Promise.all([source.close(), same.close()]);
    },
  );

  it("reads several archives, labels in JSON, and class names", async () => {
    const png = await readFile(fixture("encoded/alpha.png"));
    const files = [
      await write("a.tar", Buffer.concat([entry("x/1.png", png), entry("x/1.json", '{"class": 1}'), end])),
      await write("b.tar", Buffer.concat([entry("./2.json", '{"class": 0, "by": "me"}'), entry("./2.PNG", png), end])),
    ];
    const source = await openSource(webDataset({ files, label: { json: "class" }, classes: ["ant", "bee"] }));
    expect([[...source.labels], source.nameOf(0), source.nameOf(1)]).toEqual([[1, 0], "a.tar:x/1", "b.tar:2"]);
    expect(await source.read(1)).toMatchObject({ height: 9, width: 11, channels: 3 });
    await source.close();
  });

  it("reads lists of classes in JSON", async () => {
    const png = await readFile(fixture("encoded/alpha.png"));
    const labels = ["[2, 0]", "[]", "1", "[1, 7.5]"];
    const files = labels.flatMap((text, i) => [entry(`${i}.png`, png), entry(`${i}.json`, `{"classes": ${text}}`)]);
    const path = await write("several.tar", Buffer.concat([...files, end]));
    const source = await openSource(webDataset({ files: [path], label: { json: "classes" } }));
    expect(source.classes).toEqual(["0", "1", "2"]);
    expect([0, 1, 2].map((sample) => [...labelsOf(source, sample)])).toEqual([[2, 0], [], [1]]);
    await source.read(1);
    await expect(source.read(3)).rejects.toThrow("several.tar:3: its label 7.5 is no class");
    await source.close();
  });

  it.each([
    [
      "up.tar",
      [entry("../../etc/1.png", "x")],
      /up\.tar: has a file named "\.\.\/\.\.\/etc\/1\.png", which leads out of the archive/,
    ],
    ["inner.tar", [entry("a/../../1.png", "x")], /which leads out of the archive; do not trust it/],
    ["absolute.tar", [entry("/tmp/1.png", "x")], /has a file named "\/tmp\/1\.png"/],
    ["windows.tar", [entry("C:\\1.png", "x")], /has a file named "C:\\1\.png"/],
    [
      "link.tar",
      [entry("1.png", "", "2")],
      /link\.tar: "1\.png" is a link or device \(type "2"\); only plain files are read/,
    ],
    [
      "label.tar",
      [entry("1.png", "x"), entry("1.cls", "cat")],
      /label\.tar: none of its 1 labels is a class; the first is "cat"/,
    ],
    [
      "twice.tar",
      [entry("1.png", "x"), entry("1.cls", "1"), entry("./1.png", "y")],
      /twice\.tar: sample "1" has "1\.png" twice; write the archive again with one of them/,
    ],
    ["case.tar", [entry("1.png", "x"), entry("1.PNG", "y")], /sample "1" has "1\.png" and "1\.PNG"; write/],
    [
      "unlabelled.tar",
      [entry("1.png", "x")],
      /unlabelled\.tar: none of its 1 samples can be used; the first is "1": it has no \.cls file with its class, only png/,
    ],
    [
      "imageless.tar",
      [entry("1.cls", "1"), entry("2.cls", "1")],
      /none of its 2 samples can be used; the first is "1": it has no image \(jpg, .*\), only cls/,
    ],
    ["backwards.tar", [entry("1.png", "x", "0", "-1000")], /"1\.png" has the size -512; the archive is damaged/],
    [
      "pax.tar",
      [entry("x", "11 size=-9\n", "x"), entry("1.png", "x")],
      /"1\.png" has the size -9; the archive is damaged/,
    ],
    ["nothing.tar", [], /nothing\.tar: has no samples/],
    [
      "many.tar",
      [entry("1.png", "x"), entry("1.cls", "2147483646")],
      /many\.tar: has the label 2147483646, beyond 1048576 classes/,
    ],
  ])("refuses %s", async (name, entries, message) => {
    const path = await write(name, Buffer.concat([...entries, end]));
    await expect(openSource(webDataset({ files: [path] }))).rejects.toThrow(message);
  });

  it.each([
    ["a name", [], entry("name", "", "L", "20000000000"), "has an extended header of 2147483648 bytes at byte 0"],
    ["facts", [], entry("facts", "", "x", "20000000000"), "has an extended header of 2147483648 bytes at byte 0"],
    [
      "a label",
      [entry("1.png", "x")],
      entry("1.cls", "", "0", "20000000000"),
      '"1": its .cls file cannot be read (a file of 2147483648 bytes is no label)',
    ],
    // Node ends the process when it is asked for as much in one read.
    [
      "an image",
      [entry("1.cls", "0")],
      entry("1.png", "", "0", "20000000000"),
      "1: a file of 2147483648 bytes is no image",
    ],
  ])("reads no gigabytes where %s should be", async (_, before, large, message) => {
    const path = await write("sparse.tar", Buffer.concat([...before, large]));
    await truncate(path, Math.ceil(before.length * 1024 + 512 + 2 ** 31 + 1024));
    const read = async () => {
      const source = await openSource(webDataset({ files: [path] }));
      await source.read(0).finally(() => source.close());
    };
    await expect(read()).rejects.toThrow(message);
  });

  it("reads labels in decimal digits, and tells any other with its sample, not at the cost of the rest", async () => {
    const png = await readFile(fixture("encoded/alpha.png"));
    const texts = [" 1\n", "007", `${2 ** 32}`, "0x1", "1e0", "1.0", "-1", "+1", "", " \n", "1 2", "cat"];
    const files = texts.flatMap((text, i) => [entry(`${i}.png`, png), entry(`${i}.cls`, text)]);
    const path = await write("labels.tar", Buffer.concat([...files, end]));
    const source = await openSource(webDataset({ files: [path] }));
    expect(source.classes).toHaveLength(8);
    expect([...source.labels.subarray(0, 2)]).toEqual([1, 7]);
    await source.read(1);
    for (const [i, text] of texts.entries()) {
      if (i < 2) continue;
      const given = i === 2 ? text : JSON.stringify(text);
      const problem = `labels.tar:${i}: its label ${given} is no class; there are 8, from 0 to 7`;
      await expect(source.read(i)).rejects.toThrow(problem);
    }
    await source.close();
  });

  it("tells samples without an image or a class when they are read, and lets them be skipped and counted", async () => {
    const png = await readFile(fixture("encoded/alpha.png"));
    const files = [
      ...[entry("whole.png", png), entry("whole.json", '{"class": 1}')],
      entry("blind.json", '{"class": 0}'),
      ...[entry("torn.png", png), entry("torn.json", '{"class": ')],
      entry("mute.png", png),
      ...[entry("other.png", png), entry("other.json", '{"kind": 0}')],
      ...[entry("last.png", png), entry("last.json", '{"class": 0}')],
    ];
    const path = await write("part.tar", Buffer.concat([...files, end]));
    const spec = webDataset({ files: [path], label: { json: "class" } });
    const problems = [
      /^part\.tar:blind: it has no image \(jpg, .*\), only json$/,
      /^part\.tar:torn: its \.json file is not JSON \(/,
      /^part\.tar:mute: it has no \.json file with its class, only png$/,
      /^part\.tar:other: its \.json file has no field "class": \{ kind: 0 \}$/,
    ];
    const source = await openSource(spec);
    expect([source.length, source.classes, source.labels[0], source.labels[5]]).toEqual([6, ["0", "1"], 1, 0]);
    for (const [i, problem] of problems.entries()) await expect(source.read(1 + i)).rejects.toThrow(problem);
    expect(await source.read(5)).toEqual(await source.read(0));
    await source.close();

    for (const workers of [0, 1]) {
      const loader = await openLoader({ source: spec, batchSize: 6, onBroken: "skip" }, { workers });
      const batch = await loader.next();
      expect([...(batch?.index.data ?? [])]).toEqual([0, -1, -1, -1, -1, 5]);
      expect([...loader.broken.keys()].sort()).toEqual([1, 2, 3, 4]);
      for (const [i, problem] of problems.entries()) {
        const { name, problem: told } = loader.broken.get(1 + i)!;
        expect(`${name}: ${told}`).toMatch(problem);
      }
      await loader.close();
    }
  });

  it("passes over files whose names begin with a dot", async () => {
    const sample = [entry("a/1.png", "x"), entry("a/1.cls", "1")];
    const macOS = [entry("a/._1.png", "m"), entry("._a", "m"), entry("a/._1.cls", "m"), entry(".DS_Store", "m")];
    const path = await write("macos.tar", Buffer.concat([...macOS, ...sample, end]));
    const source = await openSource(webDataset({ files: [path] }));
    expect([source.length, source.nameOf(0)]).toEqual([1, "macos.tar:a/1"]);
    await source.close();
  });

  it.each(["gif", "avif"] as const)("reads %s, as a folder of images does", async (format) => {
    const picture = await sharp(fixture("encoded/rgb.jpg")).toFormat(format).toBuffer();
    const path = await write("other.tar", Buffer.concat([entry(`1.${format}`, picture), entry("1.cls", "0"), end]));
    const source = await openSource(webDataset({ files: [path] }));
    expect(await source.read(0)).toMatchObject({ height: 24, width: 32, channels: 3 });
    await source.close();
  });

  it.each([
    [{ label: "txt" }, 'label of webDataset is "txt"; give "cls"'],
    [{ label: { jsn: "class" } }, '"jsn" is no field of label of webDataset; did you mean "json"?'],
    [{ label: { json: "kind" } }, 'the first is "1": its .json file has no field "kind": { class: 1 }'],
    [{ files: ["x.tar", 3] }, "a file of webDataset is 3; give a text that is not empty"],
    [{ file: [] }, '"file" is no option of webDataset; did you mean "files"?'],
  ])("names what is wrong with %j", async (options, message) => {
    const tar = Buffer.concat([entry("1.png", "x"), entry("1.json", '{"class": 1}'), end]);
    const files = [await write("options.tar", tar)];
    const open = async () => openSource(webDataset({ files, ...options } as Parameters<typeof webDataset>[0]));
    await expect(open()).rejects.toThrow(message);
  });

  it("leaves no file open where a later one is gone", async () => {
    const tar = Buffer.concat([entry("1.png", "x"), entry("1.cls", "1"), end]);
    const files = [await write("first.tar", tar), await write("second.tar", tar)];
    const spec = webDataset({ files });
    const catalog = await catalogOf(spec);
    await rm(files[1]!);
    await expect(openCatalogued(spec, catalog)).rejects.toThrow(/second\.tar: cannot be read \(ENOENT/);
  });

  it("names what is no archive", async () => {
    await expect(indexTar(new URL(".", import.meta.url).pathname)).rejects.toThrow(
      "is a folder; give the path of a file",
    );
    await expect(openSource(webDataset({ files: [] }))).rejects.toThrow(
      "webDataset reads files, a list of at least one path, but was given []",
    );
  });

  it("refuses truncated, damaged and compressed archives by name", async () => {
    const whole = Buffer.concat([entry("1.png", "x".repeat(700)), entry("1.cls", "1"), end]);
    const open = async (name: string, bytes: Uint8Array) =>
      openSource(webDataset({ files: [await write(name, bytes)] }));
    await expect(open("cut.tar", whole.subarray(0, 900))).rejects.toThrow(
      'cut.tar: is truncated: "1.png" should end at byte 1212 of 900',
    );
    await expect(open("unended.tar", whole.subarray(0, 1536))).rejects.toThrow(
      "unended.tar: is truncated: it has no end-of-archive block after 1 files",
    );
    const damaged = Buffer.from(whole);
    damaged[3]! ^= 1;
    await expect(open("damaged.tar", damaged)).rejects.toThrow(
      /damaged\.tar: has no valid tar header at byte 0 \(checksum/,
    );
    await expect(open("packed.tar", gzipSync(whole))).rejects.toThrow(/packed\.tar: is compressed, .*; gunzip it/);
    await expect(open("text.tar", Buffer.from("hello ".repeat(200)))).rejects.toThrow(
      /has no valid tar header at byte 0/,
    );
  });

  it("finds files in archives of any damage, or says what is wrong, without crashing", async () => {
    const whole = await readFile(fixture("pax.tar"));
    for (let i = 0; i < 60; i++) {
      const bytes = Buffer.from(whole);
      bytes[(i * 7919) % 3000]! ^= 1 << (i % 8);
      const entries = await indexTar(await write(`fuzz-${i}.tar`, bytes)).catch((error: Error) => error);
      if (entries instanceof Error) expect(entries.name).toBe("DatasetError");
      else for (const { offset, size } of entries) expect(offset + size).toBeLessThanOrEqual(whole.length);
    }
  });
});

describe("Parquet", () => {
  it("reads Hugging Face's layout, over row groups, in any order", async () => {
    const source = await openSource(parquet({ files: [fixture("hugging-face.parquet")] }));
    expect(source.classes).toEqual(["ant", "bee", "cat"]);
    expect([...source.labels]).toEqual([0, 1, 2, 0, 1, 2]);
    expect(source.nameOf(5)).toBe("hugging-face.parquet#5");
    const images = await Promise.all([5, 0, 3, 4].map((i) => source.read(i)));
    for (const image of images) expect(image).toMatchObject({ height: 4, width: 5, channels: 3 });
    expect(new Set(images.map(({ data }) => data.join())).size).toBe(4);
    await source.close();
  });

  it("reads flat columns and class names, the same images, keeping one group at a time", async () => {
    const options = { image: "jpeg", label: "kind", keepBytes: 0 };
    const flat = await openSource(parquet({ files: [fixture("flat.parquet"), fixture("flat.parquet")], ...options }));
    const nested = await openSource(parquet({ files: [fixture("hugging-face.parquet")] }));
    expect(flat.length).toBe(12);
    expect(flat.classes).toEqual(["ant", "bee", "cat"]);
    for (const i of [0, 5, 2, 4]) {
      expect(await flat.read(i)).toEqual(await nested.read(i));
      expect(await flat.read(6 + i)).toEqual(await nested.read(i));
    }
    expect(flat.nameOf(7)).toBe("flat.parquet#1");
    await Promise.all([flat.close(), nested.close()]);
  });

  it.each(["labels", "kinds"])("reads lists of classes, as numbers and as names: %s", async (label) => {
    const source = await openSource(parquet({ files: [fixture("lists.parquet")], label }));
    expect(source.classes).toEqual(["ant", "bee", "cat"]);
    const several = [[0, 2], [1], [], [2, 1, 0], [1]];
    const samples = [0, 1, 2, 4, 5];
    expect(samples.map((sample) => [...labelsOf(source, sample)])).toEqual(several);
    for (const sample of samples) await source.read(sample);
    // Not known is not the same as none.
    await expect(source.read(3)).rejects.toThrow("lists.parquet#3: its label null is no class; there are 3");
    await source.close();
  });

  it("names a label that is no class when it is read", async () => {
    const source = await openSource(
      parquet({ files: [fixture("flat.parquet")], image: "jpeg", label: "kind", classes: ["ant", "bee"] }),
    );
    await source.read(0);
    await expect(source.read(2)).rejects.toThrow(
      'flat.parquet#2: its label "cat" is no class; there are 2, from 0 to 1',
    );
    await source.close();
  });

  it("names missing columns and lists those that are there", async () => {
    await expect(openSource(parquet({ files: [fixture("flat.parquet")] }))).rejects.toThrow(
      /flat\.parquet: has no column "image"; it has jpeg, kind/,
    );
  });

  it("names labels none of which is a class", async () => {
    const options = { files: [fixture("flat.parquet")], image: "jpeg", label: "kind", classes: ["Ant", "Bee"] };
    await expect(openSource(parquet(options))).rejects.toThrow(
      /flat\.parquet: none of its 6 labels is a class; the first is "ant"/,
    );
    await expect(openSource(parquet({ ...options, label: "jpeg" }))).rejects.toThrow(/none of its 6 labels is a class/);
  });

  it("refuses truncated and damaged files by name", async () => {
    const whole = await readFile(fixture("hugging-face.parquet"));
    const open = async (name: string, bytes: Uint8Array) => openSource(parquet({ files: [await write(name, bytes)] }));
    await expect(open("cut.parquet", whole.subarray(0, 2000))).rejects.toThrow(
      /cut\.parquet: is not a whole Parquet file/,
    );
    await expect(open("empty.parquet", Buffer.alloc(0))).rejects.toThrow(/empty\.parquet: is empty; fetch it again/);
    const damaged = Buffer.from(whole).fill(0xff, 4, 600);
    const source = await open("damaged.parquet", damaged);
    await expect(source.read(0)).rejects.toThrow(
      /^damaged\.parquet#0: .*damaged\.parquet: column "image", rows 0 to 3/,
    );
    await source.close();
  });
});
