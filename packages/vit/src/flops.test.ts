import { describe, expect, it } from "vitest";
import { vit22b, vitG } from "./config.ts";
import { flops, modelFlopsPerToken, modelFlopsUtilisation } from "./flops.ts";
import { printedRows } from "./variants.ts";

const giga = (count: number) => count / 1e9;

describe("printed GFLOPs", () => {
  const rows = Object.entries(printedRows).flatMap(([name, { gigaflops }]) =>
    gigaflops === undefined ? [] : gigaflops.map((printed, index) => ({ name, side: [224, 384][index]!, printed })),
  );
  const tokensAt = (side: number, patchSide: number) => Math.floor(side / patchSide) ** 2;
  // Pre-training has the labels of JFT-3B, fine-tuning at the higher resolution those of ImageNet.
  const tableTwo = (name: string, side: number) => {
    const config = vitG(name, { classes: side === 224 ? 29_593 : 1000 });
    const { patch, encoder, elementwise, head } = flops(config, { tokens: tokensAt(side, config.patchSide) });
    return giga(patch + encoder + elementwise + head);
  };

  it("has 22 values to compare", () => expect(rows).toHaveLength(22));

  it.each(rows)("$name at $side is $printed GFLOPs, to the digit", ({ name, side, printed }) => {
    expect(tableTwo(name, side).toFixed(1)).toBe(printed.toFixed(1));
  });
});

it.each([
  ["G/14", 963.1],
  ["g/14", 531.5],
  ["L/16", 122.2],
])("the products of the blocks of %s are %d GFLOPs", (name, expected) => {
  expect(giga(flops(vitG(name)).encoder).toFixed(1)).toBe(expected.toFixed(1));
});

it("ViT-22B needs about 11,210 GFLOPs an image", () => {
  expect(Math.round(giga(flops(vit22b()).encoder) / 10) * 10).toBe(11_210);
});

it("agrees with a count by hand at width 4, MLP 8, 4 tokens, one block", () => {
  const config = vitG("mu/2", { width: 4, heads: 2, mlpWidth: 8, depth: 1, imageSide: 4, channels: 1, classes: 3 });
  // products are 2·rows·in·out; attention is two products of 4×4 by 4 for each of the heads together
  expect(flops(config)).toMatchObject({
    patch: 2 * 4 * 4 * 4,
    projections: 4 * (2 * 4 * 4 * 4),
    attention: 2 * (2 * 4 * 4 * 4),
    mlp: 2 * (2 * 4 * 4 * 8),
    pool: 2 * (2 * 4 * 4 * 4) + 2 * (2 * 4 * 4) + 2 * (2 * 4 * 4) + 2 * (2 * 4 * 8),
    head: 2 * 4 * 3,
  });
});

describe("model FLOPs utilisation", () => {
  it("of ViT-22B at 1,150 tokens/s on a TPUv4 of 275 TFLOP/s is the 54.9 % that the paper reports", () => {
    expect(modelFlopsPerToken(vit22b())).toBeCloseTo(1.3136e11, -8);
    expect(modelFlopsUtilisation(vit22b(), { tokensPerSecond: 1150, peakFlops: 275e12 })).toBeCloseTo(0.5493, 4);
  });

  it("counts three times the forward products of the blocks", () => {
    const config = vitG("S/16");
    expect(modelFlopsPerToken(config) * 196).toBe(3 * flops(config).encoder);
  });
});
