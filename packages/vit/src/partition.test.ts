import { type nn, treeEntries } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { vit22b, vitG } from "./config.ts";
import { partitionParameters } from "./partition.ts";
import { elementsOf } from "./shapes.ts";

const isSpec = (value: unknown) => typeof value === "object" && value !== null && "axes" in value;
const specsOf = (...given: Parameters<typeof partitionParameters>) =>
  new Map(treeEntries<nn.PartitionSpec>(partitionParameters(...given), isSpec));

describe("how parameters are spread", () => {
  const specs = specsOf(vit22b(), 16);
  const block = (path: string) => specs.get(`encoder/block00/${path}`);

  it("cuts the parts of ViT-22B's fused projections each by itself: columns before attention and MLP, rows after", () => {
    const [d, m] = [6144, 24576];
    expect(block("in/kernel")).toEqual({ shape: [d, 3 * d + m], axes: [null, "model"], parts: { 1: [d, d, d, m] } });
    expect(block("out/kernel")).toEqual({ shape: [d + m, d], axes: ["model", null], parts: { 0: [d, m] } });
    expect(block("out/bias")).toEqual({ shape: [d], axes: ["model"] });
    expect(block("norm/scale")?.axes).toEqual(["model"]);
  });

  it("leaves norms within heads and the classes whole", () => {
    expect(block("attention/query_norm/scale")?.axes).toEqual([null]);
    expect(specs.get("head/kernel")?.axes).toEqual(["model", null]);
    expect(specs.get("head/bias")?.axes).toEqual([null]);
  });

  it("leaves a rank little more than its share of ViT-22B", () => {
    let [all, own] = [0, 0];
    for (const spec of specs.values()) {
      all += elementsOf(spec);
      own += elementsOf(spec) / (spec.axes.includes("model") ? 16 : 1);
    }
    // What is whole everywhere: 2·128 of QK norm in each of 48 blocks, and 1,000 classes.
    expect(own).toBe((all - 48 * 256 - 1000) / 16 + 48 * 256 + 1000);
  });

  it("follows the traffic where products are apart: an attention's output gathers, as many go in as out", () => {
    const apart = specsOf(vitG(), 2);
    expect(apart.get("encoder/block00/attention/output/kernel")?.axes).toEqual([null, "model"]);
    expect(apart.get("encoder/block00/mlp/out/kernel")?.axes).toEqual(["model", null]);
    expect(apart.get("positions")?.axes).toEqual([null, "model"]);
  });

  it.each([
    [96, 24],
    [96, 96],
    [96, 384],
  ])("communicates the smaller side of each product of width %d and MLP width %d", (width, mlpWidth) => {
    const size = { imageSide: 32, classes: 10, width, mlpWidth, heads: 2, depth: 1 };
    for (const apart of [
      specsOf(vitG("S/16", size), 2),
      specsOf(vit22b("S/16", { ...size, fusedInput: false, fusedOutput: false }), 2),
    ]) {
      const kernels = [...apart].filter(([path]) => /^encoder.*kernel$/.test(path));
      expect(kernels).toHaveLength(6);
      for (const [path, { shape, axes }] of kernels) {
        const [inputs, outputs] = shape as [number, number];
        // A rank with columns is sent inputs, one with rows sends outputs.
        expect([path, axes]).toEqual([path, inputs <= outputs ? [null, "model"] : ["model", null]]);
      }
    }
  });
});
