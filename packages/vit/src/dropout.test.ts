import * as tf from "@tensorflow/tfjs-core";
import { nn, random } from "@vitscale/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apply } from "./apply.ts";
import { type ViTOptions, vit22b, vitG } from "./config.ts";
import { noiseOf } from "./dropout.ts";
import { localConfig } from "./partition.ts";
import { noisy } from "./testing/noisy.ts";
import { toTensors } from "./testing/tensors.ts";

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const values = (tensor: tf.Tensor) => Array.from(tensor.dataSync<"float32">());
const config = (options: ViTOptions) =>
  localConfig(vitG("mu/8", { width: 8, heads: 2, mlpWidth: 8, depth: 3, imageSide: 16, ...options }), nn.whole);

describe("stochastic depth", () => {
  const noise = noiseOf(config({ stochasticDepth: 0.5 }), true, random.key(1));
  const keptShare = (index: number) => {
    const dropped = values(noise.block(index)(tf.ones([4000, 1, 2]), "mlp"));
    for (let image = 0; image < 4000; image++) expect(dropped[2 * image]).toBe(dropped[2 * image + 1]); // whole images
    expect(new Set(dropped).size).toBeLessThanOrEqual(2);
    return { share: dropped.filter((value) => value > 0).length / 8000, scale: Math.max(...dropped) };
  };

  it.each([
    [0, 0],
    [1, 0.25],
    [2, 0.5],
  ])("of 0.5 over three blocks drops block %d at rate %d and keeps the mean", (index, rate) => {
    const { share, scale } = keptShare(index);
    expect(Math.abs(share - (1 - rate))).toBeLessThan(5 * Math.sqrt(0.25 / 4000));
    expect(scale).toBeCloseTo(1 / (1 - rate), 6);
  });
});

it("dropout zeroes its share of single elements", () => {
  const noise = noiseOf(config({ dropout: 0.2 }), true, random.key(1));
  const dropped = values(noise.tokens(tf.ones([100, 10, 10])));
  expect(Math.abs(dropped.filter((value) => value === 0).length / 10_000 - 0.2)).toBeLessThan(0.02);
  expect(Math.max(...dropped)).toBeCloseTo(1.25, 6);
});

it("draws differ between places and repeat with the key", () => {
  const draws = (seed: number) => {
    const noise = noiseOf(config({ dropout: 0.5 }), true, random.key(seed));
    const x = tf.ones([1, 8, 8]);
    return [noise.tokens(x), noise.block(0)(x, "mlp"), noise.block(0)(x, "attention"), noise.block(1)(x, "mlp")].map(
      (y) => values(y).join(),
    );
  };
  expect(new Set([...draws(1), ...draws(2)]).size).toBe(8);
  expect(draws(1)).toEqual(draws(1));
});

describe.each([
  ["sequential", vitG],
  ["parallel", vit22b],
] as const)("a %s model", (_name, preset) => {
  const noisyConfig = preset("mu/8", {
    imageSide: 16,
    depth: 2,
    classes: 4,
    dropout: 0.1,
    stochasticDepth: 0.3,
    headKernel: "lecun-normal",
  });
  const run = (train: boolean, seed: number) => {
    const images = tf.randomNormal([2, 16, 16, 3], 0, 1, "float32", 1);
    return values(apply(toTensors(noisy(noisyConfig)), images, noisyConfig, { train, key: random.key(seed) }).logits);
  };

  it("is noisy in training only", () => {
    expect(run(true, 1)).not.toEqual(run(true, 2));
    expect(run(true, 1)).toEqual(run(true, 1));
    expect(run(false, 1)).toEqual(run(false, 2));
  });
});

it("needs a key in training", () => {
  expect(() => noiseOf(config({ dropout: 0.1 }), true, undefined)).toThrow(
    "training with dropout 0.1 and stochastic depth 0 needs a random key; pass { train: true, key: random.fold(key, step) }",
  );
  expect(() => noiseOf(config({}), true, undefined)).not.toThrow();
});
