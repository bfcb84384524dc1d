import { describe, expect, it } from "vitest";
import { patchGrid, tokenCount, type ViTOptions, vit22b, vitG } from "./config.ts";
import { sizes, variant } from "./variants.ts";

describe("variant", () => {
  it("reads a size and a patch side", () => {
    expect(variant("S/16")).toMatchObject({ width: 384, depth: 12, mlpWidth: 1536, heads: 6, patchSide: 16 });
    expect(variant("Ti/4")).toMatchObject({ width: 192, patchSide: 4 });
    expect(variant("22B/14")).toMatchObject({ width: 6144, depth: 48, mlpWidth: 24576, heads: 48 });
  });

  // Zhai et al. 2022, Table 2 (s to G); Chen et al. 2022 (e); Dehghani et al. 2023, Table 1 (22B); big_vision, decode_variant (H and the last five).
  it.each([
    ["s/28", 256, 6, 1024, 8],
    ["s/16", 256, 6, 1024, 8],
    ["S/32", 384, 12, 1536, 6],
    ["Ti/16", 192, 12, 768, 3],
    ["B/32", 768, 12, 3072, 12],
    ["S/16", 384, 12, 1536, 6],
    ["B/28", 768, 12, 3072, 12],
    ["B/16", 768, 12, 3072, 12],
    ["L/16", 1024, 24, 4096, 16],
    ["H/14", 1280, 32, 5120, 16],
    ["g/14", 1408, 40, 6144, 16],
    ["G/14", 1664, 48, 8192, 16],
    ["e/14", 1792, 56, 15360, 16],
    ["22B/14", 6144, 48, 24576, 48],
    ["mu/16", 32, 1, 128, 2],
    ["M/16", 512, 12, 2048, 8],
    ["So400m/14", 1152, 27, 4304, 16],
    ["g-opt/14", 1536, 40, 6144, 16],
    ["G-opt/14", 1536, 48, 8192, 16],
  ])(
    "%s is %i wide and %i deep, with an MLP of %i and %i heads, as published",
    (name, width, depth, mlpWidth, heads) => {
      expect(variant(name)).toMatchObject({ width, depth, mlpWidth, heads });
    },
  );

  it("tells s from S", () => {
    expect(variant("s/16").depth).toBe(6);
    expect(variant("S/16").depth).toBe(12);
  });

  it("has widths that its heads divide", () => {
    for (const [name, { width, heads }] of Object.entries(sizes)) expect(width % heads, name).toBe(0);
  });

  it.each([
    ["X/16", 'there is no size "X"; use one of mu, s, Ti,'],
    ["TI/16", 'there is no size "TI"; did you mean "Ti"?'],
    ["toString/16", 'there is no size "toString"'],
    ["S16", '"S16" is not a variant; write a size and a patch side, such as "S/16" or "22B/14"'],
    ["S/0", '"S/0" is not a variant'],
  ])("refuses %s", (name, message) => {
    expect(() => variant(name)).toThrow(message);
  });
});

describe("presets", () => {
  it("ViT-22B is parallel with QK norm, RMS norms, and biases in the MLP but not in QKV and norms", () => {
    expect(vit22b()).toMatchObject({
      width: 6144,
      block: "parallel",
      qkNorm: "rms",
      norm: "rms",
      biases: { qkv: false, mlp: true, norm: false },
    });
    expect(tokenCount(vit22b())).toBe(256);
  });

  it("the baseline is sequential with layer norms and biases everywhere", () => {
    const { qkNorm: _, ...biases } = vitG().biases;
    expect(Object.values(biases)).toEqual(Object.values(biases).map(() => true));
    expect(vitG()).toMatchObject({ width: 1664, block: "sequential", qkNorm: "none", norm: "layer" });
  });

  it("take changes, of biases one at a time", () => {
    const { classes, biases } = vit22b("S/16", { classes: 10, biases: { qkv: true } });
    expect([classes, biases.qkv, biases.mlp, biases.norm]).toEqual([10, true, true, false]);
  });

  it("survive JSON", () => {
    expect(JSON.parse(JSON.stringify(vit22b("B/16")))).toEqual(vit22b("B/16"));
  });

  it("count a class token", () => expect(tokenCount(vitG("S/16", { pooling: "tok" }))).toBe(197));
});

describe("a configuration that describes no model is refused", () => {
  const cases: [ViTOptions, string][] = [
    [{ imageSide: 225 }, "image side 225 is not a multiple of patch side 16; use 224 or 240"],
    [{ imageSide: 8 }, "image side 8 is not a multiple of patch side 16; use 16"],
    [{ heads: 7 }, "width 384 does not divide into 7 heads; change width or heads"],
    [{ depth: 0 }, "depth is 0; it must be a positive integer"],
    [{ classes: -1 }, "classes is -1; it must be a positive integer, or 0 for a model without a head"],
    [{ norm: "rms" }, "an RMS norm has no bias; set biases.norm to false or norm to layer"],
    [{ biases: { qkNorm: true } }, "a QK norm of kind none has no bias; set biases.qkNorm to false or qkNorm to layer"],
    [{ qkNormSpan: "width" }, "qkNormSpan is about normalised queries and keys; set qkNorm to rms or layer, or leave"],
    [{ fusedOutput: true }, "a sequential block has no two output projections to fuse"],
    [{ dropout: 1 }, "dropout is 1; it must be at least 0 and less than 1"],
  ];
  const withoutTypes: [object, string][] = [
    [{ block: "serial" }, 'block is "serial"; it must be "parallel" or "sequential"'],
    [{ pooling: "mean" }, 'pooling is "mean"; it must be "map" or "gap" or "tok"'],
    [{ gelu: null }, 'gelu is null; it must be "tanh" or "erf"'],
    [{ block: undefined }, 'block is undefined; it must be "parallel" or "sequential"'],
    [{ fusedInput: "yes" }, 'fusedInput is "yes"; it must be true or false'],
    [{ embeddingNorm: 1 }, "embeddingNorm is 1; it must be true or false"],
    [{ biases: { qkv: "no" } }, 'biases.qkv is "no"; it must be true or false'],
    [{ biases: false }, "false is no object of fields to change, such as { patch: … }"],
    [{ depth: "12" }, 'depth is "12"; it must be a positive integer'],
    [{ dropout: "0.1" }, 'dropout is "0.1"; it must be at least 0 and less than 1'],
    [{ normEpsilon: -1e-6 }, "normEpsilon is -0.000001; it must be a positive number"],
    [{ headBias: [0] }, "headBias is [0]; it must be a number"],
    [{ headBias: Number.NaN }, "headBias is NaN; it must be a number"],
    [{ positionDeviation: "depth" }, 'positionDeviation is "depth"; it must be a number, 0 or more, or "width"'],
    [{ qknorm: "rms" }, '"qknorm" is no field of a configuration; did you mean "qkNorm"?'],
    [{ biases: { kqv: false } }, '"kqv" is no field of a configuration'],
  ];
  it.each(withoutTypes)("%o, where TypeScript does not see it", (options, message) => {
    expect(() => vitG("S/16", options as ViTOptions)).toThrow(message);
  });

  it.each(cases)("%o", (options, message) => {
    expect(() => vitG("S/16", options)).toThrow(message);
  });
});

it("a patch grid is exact", () => expect(patchGrid(224, 14)).toBe(16));
