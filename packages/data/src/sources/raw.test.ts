import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/temporary-folder.ts";
import { openSource } from "../open-source.ts";
import { cifar10, cifar100, cifarBinary } from "./cifar.ts";
import { cifar10Classes, cifar100Classes, cifar100Superclasses } from "./cifar-classes.ts";
import { idx, mnist } from "./idx.ts";
import { imagesInMemory } from "./memory.ts";

const { folder, write } = await temporaryFolder();

/** A CIFAR record whose pixel (row, column) is (row, column, 200). */
function record(...labels: number[]) {
  const planes = [(i: number) => i >> 5, (i: number) => i & 31, () => 200];
  return Buffer.from([...labels, ...planes.flatMap((plane) => Array.from({ length: 1024 }, (_, i) => plane(i)))]);
}

/** An IDX file of bytes. */
function idxFile(shape: readonly number[], values: readonly number[], type = 8) {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, type, shape.length]);
  for (const [axis, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
  return Buffer.concat([header, Buffer.from(values)]);
}

describe("CIFAR", () => {
  it("turns planes into pixels, over several files, plain and packed", async () => {
    for (const batch of [1, 2, 3, 4])
      await write(`c10/data_batch_${batch}.bin`, Buffer.concat([record(batch), record(9)]));
    await write("c10/cifar-10-batches-bin/data_batch_5.bin.gz", gzipSync(record(5)));
    const source = await openSource(cifar10({ folder: `${folder}/c10`, split: "train" }));
    expect([...source.labels]).toEqual([1, 9, 2, 9, 3, 9, 4, 9, 5]);
    expect(source.nameOf(3)).toBe("data_batch_2.bin#1");
    expect(source.nameOf(8)).toBe("data_batch_5.bin.gz#0");
    const { data } = await source.read(8);
    const at = (row: number, column: number) => [
      ...data.subarray((row * 32 + column) * 3, (row * 32 + column) * 3 + 3),
    ];
    expect([at(0, 0), at(3, 7), at(31, 30)]).toEqual([
      [0, 0, 200],
      [3, 7, 200],
      [31, 30, 200],
    ]);
  });

  it("reads fine and coarse labels of CIFAR-100", async () => {
    await write("c100/test.bin", Buffer.concat([record(3, 70), record(19, 99)]));
    const fine = await openSource(cifar100({ folder: `${folder}/c100`, split: "test" }));
    const coarse = await openSource(cifar100({ folder: `${folder}/c100`, split: "test", labels: "coarse" }));
    expect([[...fine.labels], [...coarse.labels]]).toEqual([
      [70, 99],
      [3, 19],
    ]);
    expect([fine.classes[70], coarse.classes[3]]).toEqual(["rose", "food_containers"]);
    expect((await fine.read(1)).data[2]).toBe(200);
  });

  it("has the classes in the published number and order", () => {
    expect([cifar10Classes.length, cifar100Classes.length, cifar100Superclasses.length]).toEqual([10, 100, 20]);
    // Both lists of CIFAR-100 are alphabetical.
    for (const names of [cifar10Classes.slice(0, 2), cifar100Classes, cifar100Superclasses]) {
      expect(names.toSorted()).toEqual(names);
    }
  });

  it("refuses a split that there is not, and a folder that is none", () => {
    const typo = { folder, split: "tset" as "test" };
    for (const source of [cifar10, cifar100]) {
      expect(() => source(typo)).toThrow('split of CIFAR is "tset"; give "train" or "test"');
      expect(() => source({ split: "test" } as typeof typo)).toThrow("folder of CIFAR is undefined; give a text");
    }
    const options = { folder, split: "test" as const, label: "fine" };
    expect(() => cifar100(options)).toThrow('"label" is no option of cifar100; did you mean "labels"?');
    expect(() => cifar10(undefined as never)).toThrow("options of cifar10 are undefined; give an object with folder");
    expect(() => mnist("data" as never)).toThrow('options of mnist are "data"; give an object with folder, split');
    expect(() => mnist(typo)).toThrow('split of mnist is "tset"; give "train" or "test"');
    expect(() => mnist({ split: "test" } as typeof typo)).toThrow("folder of mnist is undefined; give a text");
  });

  it("names a folder where a file is expected", async () => {
    await expect(openSource(cifarBinary({ files: [folder], labels: "cifar10" }))).rejects.toThrow(
      `${folder}: is a folder; give the path of a file`,
    );
  });

  it("lists the kinds of labels where one is unknown", async () => {
    await expect(openSource(cifarBinary({ files: [], labels: "medium" as "fine" }))).rejects.toThrow(
      'CIFAR labels of kind "medium"; there are cifar10, coarse, fine',
    );
  });

  it("names a wrong label, with the sample", async () => {
    const path = await write("wrong.bin", Buffer.concat([record(0), record(10)]));
    const source = await openSource(cifarBinary({ files: [path], labels: "cifar10" }));
    await expect(source.read(1)).rejects.toThrow("wrong.bin#1: its label 10 is no class; there are 10, from 0 to 9");
    await source.read(0);
  });

  it.each([
    [
      "truncated.bin",
      record(1).subarray(0, 3000),
      /truncated\.bin: has 3000 bytes, which is not a whole number of records of 3073/,
    ],
    ["other.bin", record(1, 2), /other\.bin: has 3074 bytes.*it is truncated, or of the other CIFAR/],
    [
      "half.bin.gz",
      gzipSync(record(1)).subarray(0, 40),
      /half\.bin\.gz: is a damaged or truncated gzip file \(unexpected end of file\)/,
    ],
    ["empty.bin", Buffer.alloc(0), /empty\.bin: is empty; fetch it again, or leave it out/],
  ])("refuses %s", async (name, contents, message) => {
    const path = await write(name, contents);
    await expect(openSource(cifarBinary({ files: [path], labels: "cifar10" }))).rejects.toThrow(message);
  });

  it("bounds what a compressed file unpacks to", async () => {
    // The largest file of either data set has 50,000 images.
    const path = await write("bomb.bin.gz", gzipSync(Buffer.alloc(60_001 * 3073), { level: 1 }));
    await expect(openSource(cifarBinary({ files: [path], labels: "cifar10" }))).rejects.toThrow(
      /bomb.*unpacks to more/,
    );
  });

  it("lists where it looked", async () => {
    await expect(openSource(cifar10({ folder: `${folder}/none`, split: "test" }))).rejects.toThrow(
      /none\/test_batch\.bin: is not there, nor is .*cifar-10-batches-bin\/test_batch\.bin\.gz; fetch the data set first: vitscale download cifar10, or download\("cifar10", /,
    );
    await expect(openSource(mnist({ folder: `${folder}/none`, split: "test" }))).rejects.toThrow(
      /none\/t10k-images-idx3-ubyte\.gz: is not there, .*: vitscale download mnist, or download\("mnist", /,
    );
    await expect(openSource(cifarBinary({ files: ["a.bin"], labels: "cifar10" }))).rejects.toThrow(
      /^a\.bin: is not there; fetch the data set first$/,
    );
  });
});

describe("IDX", () => {
  it("reads grey and colour images", async () => {
    const labels = await write("labels.idx", idxFile([2], [1, 0]));
    const grey = await write("grey.idx", idxFile([2, 1, 3], [1, 2, 3, 4, 5, 6]));
    const colour = await write("colour.idx", gzipSync(idxFile([2, 1, 1, 3], [1, 2, 3, 4, 5, 6])));
    const source = await openSource(idx({ images: grey, labels }));
    expect(source.classes).toEqual(["0", "1"]);
    expect(await source.read(1)).toEqual({ height: 1, width: 3, channels: 1, data: Uint8Array.of(4, 5, 6) });
    const rgb = await openSource(idx({ images: colour, labels, classes: ["crane", "crane"] }));
    expect(await rgb.read(0)).toEqual({ height: 1, width: 1, channels: 3, data: Uint8Array.of(1, 2, 3) });
  });

  it("finds MNIST under its usual names", async () => {
    await write("mnist/t10k-images.idx3-ubyte", idxFile([1, 2, 2], [1, 2, 3, 4]));
    await write("mnist/t10k-labels-idx1-ubyte.gz", gzipSync(idxFile([1], [7])));
    const source = await openSource(mnist({ folder: `${folder}/mnist`, split: "test" }));
    expect([source.classes.length, [...source.labels], source.nameOf(0)]).toEqual([
      10,
      [7],
      "t10k-images.idx3-ubyte#0",
    ]);
  });

  it.each([
    [
      "short.idx",
      idxFile([2, 2, 2], [1, 2, 3]),
      /has 3 values, but its header says \[2,2,2\], which is 8; it is truncated or damaged/,
    ],
    ["floats.idx", idxFile([1, 1, 1], [1], 13), /holds IDX type 0xd; only unsigned bytes \(0x8\) are read/],
    ["text.idx", Buffer.from("hello, world"), /is not an IDX file/],
    ["text.idx.gz", gzipSync("hello, world"), /text.idx.gz: is not an IDX file/],
    [
      "bomb.idx.gz",
      gzipSync(idxFile([2, 2, 2], new Array(2 ** 20).fill(0))),
      /bomb.idx.gz: unpacks to more than its header says; it is damaged/,
    ],
    [
      "huge.idx.gz",
      gzipSync(idxFile([2 ** 32 - 1, 28, 28], [1, 2, 3])),
      /huge\.idx\.gz: has a header that says \[4294967295,28,28\], which is 3367254359280 values, and no more than/,
    ],
    ["huge.idx", idxFile([2 ** 32 - 1, 28, 28], [1, 2, 3]), /huge\.idx: has a header that says \[4294967295,28,28\]/],
    // The most that Node 20 holds: unpacked, it is found to be less.
    [
      "large.idx.gz",
      gzipSync(idxFile([2 ** 32 - 17], [1, 2, 3])),
      /large\.idx\.gz: has 3 values, but its header says \[4294967279\]/,
    ],
    ["sideless.idx", idxFile([2, 0, 3], []), /has shape \[2,0,3\]; images are .*, none of them 0/],
    ["half.idx.gz", gzipSync(idxFile([2, 1, 3], [1, 2, 3, 4, 5, 6])).subarray(0, 20), /half\.idx\.gz: is a damaged or/],
    ["flat.idx", idxFile([2], [1, 2]), /has shape \[2\]; images are \[N, height, width\]/],
    ["three.idx", idxFile([3, 1, 1], [1, 2, 3]), /labels\.idx: has shape \[2\], but there are 3 images/],
  ])("refuses %s", async (name, contents, message) => {
    const labels = await write("labels.idx", idxFile([2], [1, 0]));
    const images = await write(name, contents);
    await expect(openSource(idx({ images, labels }))).rejects.toThrow(message);
  });
});

describe("imagesInMemory", () => {
  const images = { dtype: "uint8", shape: [2, 1, 2, 1], data: Uint8Array.of(1, 2, 3, 4) } as const;
  const labels = { dtype: "int32", shape: [2], data: Int32Array.of(1, 0) } as const;

  it("gives the images and attributes that it was given, whatever becomes of the arrays", async () => {
    const given = { ...images, data: Uint8Array.from(images.data) };
    const attributes = { group: { values: ["x", "y"], of: Int32Array.of(0, 1) } };
    const source = await openSource(imagesInMemory({ images: given, labels, classes: ["a", "b"], attributes }));
    given.data.fill(0);
    expect(await source.read(1)).toEqual({ height: 1, width: 2, channels: 1, data: Uint8Array.of(3, 4) });
    expect([[...source.labels], source.attributes]).toEqual([[1, 0], attributes]);
  });

  it("refuses shapes that do not fit", () => {
    const three = { ...labels, shape: [3], data: Int32Array.of(0, 0, 0) };
    expect(() => imagesInMemory({ images, labels: three, classes: ["a"] })).toThrow(
      "imagesInMemory has images [2,1,2,1] and labels [3]; give [N, height, width, channels] and [N], or [N, 1] with a " +
        "column for each class, N > 0",
    );
    expect(() => imagesInMemory({ images } as never)).toThrow(
      /^imagesInMemory has images \{.*\} and labels undefined; give/,
    );
    expect(() => imagesInMemory({ images: { ...images, data: Uint8Array.of(1) }, labels, classes: ["a"] })).toThrow(
      "imagesInMemory has 1 bytes and 2 labels, but images of shape [2,1,2,1] and labels of [2]; give 4 and 2",
    );
    const rows = { dtype: "int32", shape: [2, 2], data: Int32Array.of(1, 0, 2, 0) } as const;
    expect(() => imagesInMemory({ images, labels: rows, classes: ["a", "b"] })).toThrow(
      "labels [N, classes] of imagesInMemory hold 2; give 1 for the classes of an image, and 0",
    );
  });
});
