import { describe, expect, it } from "vitest";
import { generatedShapes } from "../sources/generated-shapes.ts";
import { imagesInMemory } from "../sources/memory.ts";
import { openLoader } from "./loader.ts";
import { mixup } from "./mix.ts";
import type { Pipeline } from "./pipeline.ts";

/** Four images of one byte: of a and c, of b, of nothing, of all three. */
const source = imagesInMemory({
  images: { dtype: "uint8", shape: [4, 1, 1, 1], data: Uint8Array.of(10, 20, 30, 40) },
  labels: { dtype: "int32", shape: [4, 3], data: Int32Array.of(1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1) },
  classes: ["a", "b", "c"],
});

async function firstBatch(pipeline: Partial<Pipeline>, workers = 0) {
  const loader = await openLoader({ source, batchSize: 4, ...pipeline }, { workers });
  const batch = (await loader.next())!;
  await loader.close();
  return batch;
}

describe("images with several labels", () => {
  it.each([0, 1])("come with a 1 for each of their classes; padding has none (%s workers)", async (workers) => {
    const { label, mask } = await firstBatch({ batchSize: 5 }, workers);
    expect(label).toEqual({
      dtype: "float32",
      shape: [5, 3],
      data: Float32Array.of(1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0),
    });
    expect([...mask.data]).toEqual([1, 1, 1, 1, 0]);
  });

  it("are mixed with their neighbours' labels, by hand", async () => {
    const pipeline = { mix: mixup({ alpha: 1 }), last: "drop", seed: 5 } as const;
    const { image, label } = await firstBatch(pipeline);
    // Images tell the coefficient: the second is 20 a + 10 (1 - a), rounded; the graph is told it exactly.
    const inGraph = await firstBatch({ ...pipeline, mix: mixup({ alpha: 1, apply: "graph" }) });
    const a = inGraph.mix!.coefficient;
    expect(a).toBeLessThan(0.99);
    expect(image.data[1]).toBe(Math.round(20 * a + 10 * (1 - a)));
    const rest = 1 - a;
    const byHand = [
      [1, rest, 1],
      [rest, a, rest],
      [0, rest, 0],
      [a, a, a],
    ].flat();
    for (const [at, value] of byHand.entries()) expect(label.data[at]).toBeCloseTo(value, 6);
    // There, rows stay as they are, and the step mixes them.
    expect(inGraph.label.data).toEqual(Float32Array.of(1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1));
  });

  it("cannot be asked for the one label that they have", async () => {
    await expect(firstBatch({ labels: "class" })).rejects.toThrow(
      'images of imagesInMemory may have several classes, but labels is "class"; set it to "soft", or leave it out',
    );
    await expect(firstBatch({ subset: { kind: "perClass", count: 1 } })).rejects.toThrow(
      "but the subset has equally many of each class; give",
    );
  });

  it("in generated scenes are shape, texture, background and light", async () => {
    const options = { length: 48, side: 8, seed: 3 };
    const loader = await openLoader(
      { source: generatedShapes({ ...options, labels: "everything" }), batchSize: 48 },
      { workers: 0 },
    );
    const { image, label } = (await loader.next())!;
    const { classes, attributes } = loader.source;
    expect([classes.length, new Set(classes).size, label.shape]).toEqual([38, 38, [48, 38]]);
    const { texture, background, group } = attributes;
    for (let i = 0; i < 48; i++) {
      const own = classes.filter((_, number) => label.data[38 * i + number] === 1);
      const facts = [texture!, background!, group!].map(({ values, of }) => values[of[i]!]);
      // Shapes take turns.
      expect(own).toEqual([classes[i % 16], ...facts]);
    }
    // The pictures are those that are labelled by their shapes alone.
    const plain = await openLoader({ source: generatedShapes(options), batchSize: 48 }, { workers: 0 });
    expect((await plain.next())!.image.data).toEqual(image.data);
  });
});
