import * as tf from "@tensorflow/tfjs-core";
import {
  type HostTensor,
  hostTensor,
  isHostTensor,
  jit,
  random,
  treeEntries,
  treeMap,
  valueAndGrad,
} from "@vitscale/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apply } from "./apply.ts";
import { type ViTConfig, vit22b, vitG } from "./config.ts";
import type { ViTParameters } from "./parameters.ts";
import { hashed } from "./testing/hashed.ts";
import { noisy } from "./testing/noisy.ts";
import { largestDifference, toTensor, toTensors } from "./testing/tensors.ts";

type Float = HostTensor<"float32">;

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const small = { width: 16, depth: 2, mlpWidth: 24, heads: 2, imageSide: 16, classes: 3 } as const;
const images = hostTensor("float32", [2, 16, 16, 3], hashed(2 * 16 * 16 * 3, 99));

const models: [string, ViTConfig][] = [
  ["parallel, fused, MAP", vit22b("mu/4", small)],
  ["parallel, unfused, GAP", vit22b("mu/4", { ...small, fusedInput: false, fusedOutput: false, pooling: "gap" })],
  ["sequential, token", vitG("mu/4", { ...small, pooling: "tok", gelu: "erf" })],
  ["sequential, fused, centred QK norm", vitG("mu/4", { ...small, fusedInput: true, qkNorm: "layer" })],
];

const loss = (config: ViTConfig) => (params: ViTParameters<tf.Tensor>, batch: tf.Tensor) =>
  tf.mean(tf.square(apply(params, batch, config, { keep: () => false }).logits));

describe.each(models)("%s", (_name, config) => {
  const params = noisy(config);

  it("compiled, has the intermediates of the eager model", async () => {
    const eager = apply(toTensors(params), toTensor(images), config).intermediates;
    const compiled = jit(
      (weights: ViTParameters<tf.Tensor>, batch: tf.Tensor) => apply(weights, batch, config).intermediates,
    );
    const results = await compiled(params, images);
    expect(Object.keys(results)).toEqual(Object.keys(eager));
    for (const [name, result] of Object.entries(results)) {
      const scale = Math.max(1, ...eager[name]!.dataSync<"float32">().map(Math.abs));
      expect(largestDifference(eager[name]!, await result.read()), name).toBeLessThan(1e-5 * scale);
    }
    await compiled.dispose();
  });

  it("has the gradients of central differences, in every parameter", () => {
    const at = (shifted: ViTParameters<Float>) =>
      loss(config)(toTensors(shifted), toTensor(images)).dataSync<"float32">()[0]!;
    const { gradients } = valueAndGrad(loss(config))(toTensors(params), toTensor(images));
    const slopes = new Map(treeEntries<tf.Tensor>(gradients));
    for (const [path, { data }] of treeEntries<Float>(params, isHostTensor)) {
      const slope = slopes.get(path)!.dataSync<"float32">();
      // Along the gradient itself the derivative is its length: large, so that rounding matters little.
      const length = Math.hypot(...slope);
      const step = 2e-2 / Math.max(1, length);
      const moved = (sign: number) =>
        at(
          treeMap(
            (leaf: Float, leafPath) =>
              leafPath === path
                ? hostTensor(
                    "float32",
                    leaf.shape,
                    data.map((value, i) => value + (sign * step * slope[i]!) / (length || 1)),
                  )
                : leaf,
            params,
            isHostTensor,
          ) as ViTParameters<Float>,
        );
      const difference = (moved(1) - moved(-1)) / (2 * step);
      expect(Math.abs(difference - length), `${path}: ${difference} against ${length}`).toBeLessThan(
        0.02 * length + 1e-3,
      );
    }
  });
});

it("compiled, draws the noise of the eager model from the same key", async () => {
  const config = vit22b("mu/4", { ...small, dropout: 0.2, stochasticDepth: 0.3 });
  const params = noisy(config);
  const run = (weights: ViTParameters<tf.Tensor>, batch: tf.Tensor, key: tf.Tensor) =>
    apply(weights, batch, config, { train: true, key }).logits;
  const compiled = jit(run);
  const [one, other] = [3, 4].map((seed) => run(toTensors(params), toTensor(images), random.key(seed)));
  const scale = Math.max(...one!.dataSync<"float32">().map(Math.abs));
  expect(largestDifference(one!, await (await compiled(params, images, random.key(3))).read())).toBeLessThan(
    1e-5 * scale,
  );
  expect(largestDifference(one!, other!.dataSync<"float32">())).toBeGreaterThan(1e-2 * scale);
  await compiled.dispose();
});
