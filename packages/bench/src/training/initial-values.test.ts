import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { type HostTensor, isHostTensor, treeEntries } from "@vitscale/core";
import { init, vit22b, vitG } from "@vitscale/vit";
import { describe, expect, it } from "vitest";
import { eagerParameters } from "../testing/eager-parameters.ts";
import { attentionHealth } from "./attention-health.ts";
import { type InitialValues, initialValues, qkNormScales } from "./initial-values.ts";

const config = vit22b("mu/8", {
  ...{ width: 32, depth: 2, heads: 2, mlpWidth: 128, imageSide: 16, classes: 16, pooling: "gap" },
});
const leavesOf = (tree: unknown) => new Map(treeEntries<HostTensor<"float32">>(tree, isHostTensor));
const namesChanged = (values: InitialValues) => {
  const drawn = leavesOf(init(config, 1));
  const entries = [...leavesOf(initialValues(values, config, 1))];
  return entries.flatMap(([name, { data }]) => (`${data}` === `${drawn.get(name)?.data}` ? [] : [name]));
};

describe("attention logits of a given size", () => {
  it.each([0, 1, 1000])("are bounded by %d, by the scales of QK norms alone", (size) => {
    const params = initialValues({ kind: "logit-size", size }, config, 1);
    const pixels = tf.tensor(
      Int32Array.from({ length: 768 }, (_, i) => (i * i) % 256),
      [1, 16, 16, 3],
      "int32",
    );
    const { maxLogit, bound } = attentionHealth(config)(eagerParameters(params), pixels);
    for (const [block, limit] of bound.dataSync().entries()) {
      expect(limit).toBeCloseTo(size, 3);
      expect(maxLogit.dataSync()[block]).toBeLessThanOrEqual(size * (1 + 1e-5));
      // Of 32 pairs of 16 features, the nearest are not far from pointing the same way.
      expect(maxLogit.dataSync()[block]).toBeGreaterThanOrEqual(0.3 * size);
    }
    const changed = namesChanged({ kind: "logit-size", size });
    expect(changed).toHaveLength(4);
    for (const name of changed) expect(name).toMatch(new RegExp(`^${qkNormScales}$`));
  });
});

describe("fused kernels begun as one matrix", () => {
  it("are uniform within Xavier's limit for the whole, in all of their parts", () => {
    const leaves = leavesOf(initialValues({ kind: "xavier-of-whole" }, config, 1));
    // In: [32, 3·32 + 128]; out: [32 + 128, 32].
    for (const [name, rows, columns] of [
      ["in", 32, 224],
      ["out", 160, 32],
    ] as const) {
      const { shape, data } = leaves.get(`encoder/block01/${name}/kernel`)!;
      expect(shape).toEqual([rows, columns]);
      const limit = Math.sqrt(6 / (rows + columns));
      const isAttention = (i: number) => (name === "in" ? i % columns < 96 : i < 32 * columns);
      for (const part of [true, false]) {
        const largest = Math.max(...data.filter((_, i) => isAttention(i) === part).map(Math.abs));
        expect(largest).toBeLessThanOrEqual(limit);
        expect(largest).toBeGreaterThan(0.98 * limit);
      }
    }
    const kernels = ["block00", "block01"].flatMap((block) =>
      ["in", "out"].map((side) => `encoder/${block}/${side}/kernel`),
    );
    expect(namesChanged({ kind: "xavier-of-whole" })).toEqual(kernels);
  });

  it("are refused where there are none", () => {
    const other = vitG("mu/8", { imageSide: 16 });
    const refusal = "a model with QK norm none and a sequential block begins with no";
    expect(() => initialValues({ kind: "xavier-of-whole" }, other, 0)).toThrow(`${refusal} xavier-of-whole`);
    expect(() => initialValues({ kind: "logit-size", size: 1 }, other, 0)).toThrow(`${refusal} logit-size`);
  });
});
