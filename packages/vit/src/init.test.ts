import { type HostTensor, isHostTensor, treeEntries } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { vit22b, vitG } from "./config.ts";
import { fuseParameters, unfusedConfig, unfuseParameters } from "./fuse.ts";
import { init } from "./init.ts";
import type { ViTParameters } from "./parameters.ts";
import { isParameterShape, parameterShapes } from "./shapes.ts";

type Float = HostTensor<"float32">;

const small = { width: 48, depth: 2, mlpWidth: 192, heads: 3, imageSide: 32, classes: 10 };
const entries = (params: ViTParameters<Float>) => new Map(treeEntries<Float>(params, isHostTensor));
const moments = ({ data }: Float) => {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
  const largest = data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return { mean, deviation: Math.sqrt(variance), largest };
};

describe("initial parameters of big_vision's distributions", () => {
  const params = entries(init(vitG("mu/8", { ...small, width: 192, mlpWidth: 768, headKernel: "lecun-normal" }), 1));
  const of = (path: string) => moments(params.get(path)!);
  const within = (value: number, expected: number, share = 0.03) =>
    expect(Math.abs(value / expected - 1), `${value} against ${expected}`).toBeLessThan(share);

  it.each(["query", "key", "value", "output"])("attention/%s is Xavier-uniform on the flat matrix", (name) => {
    const { mean, deviation, largest } = of(`encoder/block01/attention/${name}/kernel`);
    const limit = Math.sqrt(6 / (2 * 192));
    expect(largest).toBeLessThanOrEqual(limit);
    within(largest, limit, 1e-3);
    within(deviation, limit / Math.sqrt(3));
    expect(Math.abs(mean)).toBeLessThan((4 * deviation) / 192);
  });

  it.each(["in", "out"])("mlp/%s is Xavier-uniform with biases of 1e-6", (name) => {
    within(of(`encoder/block00/mlp/${name}/kernel`).largest, Math.sqrt(6 / (192 + 768)), 1e-3);
    within(of(`encoder/block00/mlp/${name}/bias`).deviation, 1e-6, 0.15);
  });

  it.each([
    ["patch/kernel", 192],
    ["head/kernel", 192],
  ])("%s is a normal of variance 1 / fan-in, cut at two deviations of the uncut one", (path, fanIn) => {
    const { deviation, largest } = of(path);
    within(deviation, fanIn ** -0.5);
    // The cut normal has 0.8796 of the deviation of the uncut.
    expect(largest).toBeLessThanOrEqual((2 * fanIn ** -0.5) / 0.8796);
    within(largest, (2 * fanIn ** -0.5) / 0.8796, 0.02);
  });

  it("positions are N(0, 1/width)", () => within(of("positions").deviation, 192 ** -0.5, 0.05));

  it("the probe is Xavier-uniform as a tensor [1, 1, width]", () => {
    within(of("pool/probe").largest, Math.sqrt(6 / 193), 0.03);
  });

  it.each([
    ["patch/bias", 0],
    ["encoder/block00/attention/query/bias", 0],
    ["encoder/block00/attention_norm/scale", 1],
    ["encoder/block00/attention_norm/bias", 0],
    ["final_norm/scale", 1],
    ["head/bias", 0],
  ])("%s is all %d", (path, value) => {
    expect(new Set(params.get(path)!.data)).toEqual(new Set([value]));
  });
});

it("positions may have another deviation", () => {
  const { positions } = init(vitG("mu/8", { ...small, positionDeviation: 0.02 }), 1);
  expect(moments(positions).deviation).toBeCloseTo(0.02, 2);
});

describe("a parameter's values", () => {
  const base = vit22b("mu/8", small);

  it("follow from the seed", () => {
    expect(init(base, 7)).toEqual(init(base, 7));
    expect(init(base, 7).positions.data).not.toEqual(init(base, 8).positions.data);
    expect(init(base, 7).positions.data).not.toEqual(init(base, 7 + 2 ** 40).positions.data);
  });

  it("stay the same when other parameters join", () => {
    const before = entries(init(vitG("mu/8", small), 7));
    const after = entries(init(vitG("mu/8", { ...small, depth: 3, qkNorm: "rms", pooling: "tok" }), 7));
    expect(after.size).toBeGreaterThan(before.size - 12);
    for (const [path, { data }] of before) if (!path.startsWith("pool/")) expect(after.get(path)!.data).toEqual(data);
  });

  it("differ from those of every other parameter", () => {
    const firsts = [...entries(init(unfusedConfig(base), 7))].filter(
      ([path]) => /kernel|positions|probe/.test(path) && !path.startsWith("head"),
    );
    expect(new Set(firsts.map(([, { data }]) => data[0])).size).toBe(firsts.length);
  });

  it("have the shapes that were announced", () => {
    const announced = treeEntries<{ shape: readonly number[] }>(parameterShapes(base), isParameterShape);
    expect([...entries(init(base, 0))].map(([path, { shape }]) => [path, shape])).toEqual(
      announced.map(([path, { shape }]) => [path, shape]),
    );
  });

  it.each([-1, 0.5, Number.NaN])("need a seed that is a non-negative integer, not %d", (seed) => {
    expect(() => init(base, seed)).toThrow(`seed is ${seed}; it must be an integer from 0 to 2^53 − 1`);
  });
});

describe("fused parameters", () => {
  const config = vit22b("mu/8", small);
  const unfused = init(unfusedConfig(config), 3);

  it("begin as the unfused ones side by side, so every slice has its own Xavier limit", () => {
    expect(init(config, 3)).toEqual(fuseParameters(unfused, config));
    const { kernel } = init(config, 3).encoder.block00!.in!;
    const width = 3 * 48 + 192;
    const largest = (from: number, to: number) =>
      kernel.data.reduce(
        (max, value, i) => (i % width >= from && i % width < to ? Math.max(max, Math.abs(value)) : max),
        0,
      );
    // One Xavier limit for the whole matrix would make queries, keys and values half as large.
    expect(largest(0, 144)).toBeCloseTo(Math.sqrt(6 / 96), 3);
    expect(largest(144, 336)).toBeCloseTo(Math.sqrt(6 / 240), 3);
  });

  it.each([
    ["parallel", vit22b("mu/8", small)],
    ["parallel, input only", vit22b("mu/8", { ...small, fusedOutput: false })],
    ["parallel, all biases", vit22b("mu/8", { ...small, biases: { qkv: true, attentionOutput: false } })],
    ["parallel, no MLP bias", vit22b("mu/8", { ...small, biases: { mlp: false, attentionOutput: false } })],
    ["sequential", vitG("mu/8", { ...small, fusedInput: true })],
  ])("come apart and together again: %s", (_name, form) => {
    const params = init(form, 4);
    const apart = unfuseParameters(params, form);
    expect(apart.encoder.block01!.attention!.query!.kernel).toEqual(
      init(unfusedConfig(form), 4).encoder.block01!.attention!.query!.kernel,
    );
    expect(fuseParameters(apart, form)).toEqual(params);
  });

  it("add the biases of the two outputs", () => {
    const output = unfused.encoder.block00!.attention!.output!.bias!.data;
    output.fill(2);
    const fused = fuseParameters(unfused, config).encoder.block00!.out!.bias!;
    expect(moments(fused).mean).toBeCloseTo(2, 5);
    const apart = unfuseParameters(fuseParameters(unfused, config), config).encoder.block00!;
    expect(apart.mlp!.out!.bias!.data).toEqual(fused.data);
    expect(apart.attention!.output!.bias!.data).toEqual(new Float32Array(48));
    output.fill(0);
  });

  it("of another configuration are refused by name", () => {
    expect(() => fuseParameters(init(vitG("mu/8", small), 0), config)).toThrow(
      "parameter encoder/block00/attention/query_norm/scale is missing; the configuration needs shape [16]",
    );
    expect(() => fuseParameters(unfused, { ...config, classes: 11 })).toThrow(
      "parameter head/kernel has shape [48,10]; the configuration needs shape [48,11]",
    );
  });
});
