import { hostTensor } from "@vitscale/core";
import { type Batch, generatedShapes, openLoader } from "@vitscale/data";
import { expect, it } from "vitest";
import { columnOf, joinTables, numbersOf, type Table, textsOf } from "../table/index.ts";
import { modelClassesOf } from "./model-classes.ts";
import { predict } from "./predict.ts";

it("makes a table of what a model says of every image, without the padding", async () => {
  const source = generatedShapes({ length: 40, side: 8, seed: 3, cueConflict: true });
  const loader = await openLoader({ source, batchSize: 16 }, { workers: 0 });
  // A model of 16 classes that says how bright the first pixel is, for all of them.
  const score = async ({ data, shape }: { readonly data: ArrayLike<number>; readonly shape: readonly number[] }) => {
    const pixels = shape.slice(1).reduce((a, b) => a * b, 1);
    const scores = Float32Array.from({ length: 16 * shape[0]! }, (_, i) => data[Math.floor(i / 16) * pixels]!);
    return hostTensor("float32", [shape[0]!, 16], scores);
  };
  const parts: Table[] = [];
  for await (const part of predict(score, loader, "brightness")) parts.push(part);
  expect(parts.map(({ length }) => length)).toEqual([16, 16, 8]);

  const all = joinTables(parts);
  const { classes, labels, nameOf, read, attributes } = loader.source;
  expect([...numbersOf(all, "label")]).toEqual([...labels]);
  expect(textsOf(all, "class")[5]).toBe(classes[5]);
  expect(textsOf(all, "image")[39]).toBe(nameOf(39));
  expect(columnOf(all, "scores", "vector").data[16 * 39]).toBe((await read(39)).data[0]);
  expect(textsOf(all, "group")[7]).toBe(["warm", "cool"][attributes.group!.of[7]!]);
  // Textures go with shapes, so the class that a texture speaks for is a number.
  expect([...numbersOf(all, "texture-class")]).toEqual([...attributes.texture!.of]);
  await loader.close();
});

it("leaves out images that could not be read wherever they are in a batch, and gives each of the others its own scores", async () => {
  const source = generatedShapes({ length: 4, side: 8 });
  // What a loader gives that skips: images 0 and 2 of a batch were broken, the last row is padding.
  const batch = {
    image: hostTensor("uint8", [5, 8, 8, 3]),
    label: hostTensor("int32", [5]),
    index: hostTensor("int32", [5], Int32Array.of(-1, 1, -1, 3, -1)),
  };
  const loader = await openLoader({ source, batchSize: 4 }, { workers: 0 });
  const pass = { source: loader.source, stepsPerEpoch: 1, next: async () => batch as unknown as Batch };
  const score = async () => hostTensor("float32", [5, 2], Float32Array.of(0, 0, 10, 11, 20, 21, 30, 31, 40, 41));
  for await (const part of predict(score, pass)) {
    expect(textsOf(part, "image")).toEqual([1, 3].map(loader.source.nameOf));
    expect([...columnOf(part, "scores", "vector").data]).toEqual([10, 11, 30, 31]);
  }
  await loader.close();
});

it("gives no labels where the model's classes are others than the data set's", async () => {
  const loader = await openLoader({ source: generatedShapes({ length: 4, side: 8 }), batchSize: 4 }, { workers: 0 });
  const score = async () => hostTensor("float32", [4, 1000]);
  for await (const part of predict(score, loader)) expect([...part.columns.keys()]).not.toContain("label");
  await loader.close();
});

it("finds the data set's classes among the model's by name, whatever their order and number", async () => {
  const source = generatedShapes({ length: 12, side: 8, cueConflict: true });
  const pass = await openLoader({ source, batchSize: 12 }, { workers: 0 });
  const { classes, labels, attributes } = pass.source;
  const score = async () => hostTensor("float32", [12, 17]);
  const tableOf = async (modelClasses: readonly string[]) => {
    const loader = await openLoader({ source, batchSize: 12 }, { workers: 0 });
    for await (const part of predict(score, loader, "shapes", modelClasses)) {
      await loader.close();
      return part;
    }
    throw new Error("no batch");
  };
  const turned = await tableOf(["nothing", ...classes.toReversed().map((name) => name.toUpperCase())]);
  expect([...numbersOf(turned, "label")]).toEqual(Array.from(labels, (label) => 16 - label));
  expect([...numbersOf(turned, "texture-class")]).toEqual(Array.from(attributes.texture!.of, (label) => 16 - label));
  // As many classes, one of which is another.
  const other = await tableOf(classes.map((name, i) => (i === 3 ? "zebra" : name)));
  expect([...other.columns.keys()]).not.toContain("label");
  expect(other.columns.get("texture-class")!.kind).toBe("text");
  await pass.close();
});

it("says which classes a model does not know", () => {
  expect(modelClassesOf(["Cat", "wild dog", "ox"], ["wild_dog", "cat", "crane", "crane"])).toEqual({
    numbers: Int32Array.of(1, 0, -1),
    unknown: ["ox"],
  });
  expect(modelClassesOf(["crane"], ["crane", "crane"]).unknown).toEqual(["crane"]);
  expect([...modelClassesOf(["crane", "crane"], ["crane", "crane"]).numbers]).toEqual([0, 1]);
});
