import * as tf from "@tensorflow/tfjs-core";
import type { HostTensor } from "@vitscale/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apply } from "./apply.ts";
import { type ViTConfig, vit22b, vitG } from "./config.ts";
import { fuseParameters, unfusedConfig } from "./fuse.ts";
import { init } from "./init.ts";
import { noisy } from "./testing/noisy.ts";
import { largestDifference, toTensors } from "./testing/tensors.ts";

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const small = {
  width: 24,
  depth: 2,
  mlpWidth: 40,
  heads: 3,
  imageSide: 16,
  classes: 7,
  headKernel: "lecun-normal",
} as const;
const images = (batch = 2, side = 16) => tf.randomNormal([batch, side, side, 3], 0, 1, "float32", 1);
const values = (tensor: tf.Tensor) => tensor.dataSync<"float32">();
const largest = (tensor: tf.Tensor) => values(tensor).reduce((max, value) => Math.max(max, Math.abs(value)), 0);

describe("fused and unfused projections of the same weights", () => {
  it.each([
    ["parallel", vit22b("mu/4", small)],
    ["parallel, fused input only", vit22b("mu/4", { ...small, fusedOutput: false })],
    ["parallel, fused output only", vit22b("mu/4", { ...small, fusedInput: false })],
    ["parallel with QKV biases", vit22b("mu/4", { ...small, biases: { qkv: true } })],
    ["sequential", vitG("mu/4", { ...small, fusedInput: true })],
  ])("give the same logits, %s", (_name, config) => {
    const apart = unfusedConfig(config);
    const params = noisy(apart);
    const batch = images();
    const one = apply(toTensors(params), batch, apart).logits;
    const other = apply(toTensors(fuseParameters(params, config)), batch, config).logits;
    expect(largestDifference(one, values(other))).toBeLessThan(1e-5 * largest(one));
  });
});

describe("attention logits", () => {
  const withScales = (config: ViTConfig) => {
    const params = noisy(config);
    // Weights that would make attention one-hot.
    for (const block of Object.values(params.encoder)) {
      for (const { kernel } of [block.attention!.query!, block.attention!.key!]) {
        kernel.data.forEach((value, i) => {
          kernel.data[i] = 100 * value;
        });
      }
    }
    return params;
  };
  const maximum = (scale: HostTensor) => Math.max(...Array.from(scale.data, Math.abs));

  it.each(["rms", "layer"] as const)("stay within √headWidth · max|g_q| · max|g_k| with %s QK norm", (qkNorm) => {
    const config = vit22b("mu/4", { ...small, qkNorm, fusedInput: false });
    const params = withScales(config);
    const { intermediates } = apply(toTensors(params), images(), config);
    for (const [name, { attention }] of Object.entries(params.encoder)) {
      const bound = Math.sqrt(8) * maximum(attention!.query_norm!.scale) * maximum(attention!.key_norm!.scale);
      const observed = largest(intermediates[`encoder/${name}/attention/logits`]!);
      expect(observed).toBeLessThanOrEqual(bound * (1 + 1e-6));
      expect(observed).toBeGreaterThan(bound / 10);
    }
  });

  it.each([{}, { fusedInput: false, biases: { qkNorm: true }, qkNorm: "layer" }] as const)(
    "are √headWidth times as large where they are not divided: %o",
    (options) => {
      const config = vit22b("mu/4", { ...small, ...options });
      const params = toTensors(noisy(config));
      const first = (changes: Partial<ViTConfig>) =>
        values(apply(params, images(), { ...config, ...changes }).intermediates["encoder/block00/attention/logits"]!);
      const divided = first({});
      for (const [i, logit] of first({ attentionScale: "none" }).entries()) {
        expect(logit).toBeCloseTo(Math.sqrt(8) * divided[i]!, 4);
      }
    },
  );

  it.each(["rms", "layer"] as const)("are products of queries and keys normalised over all heads with %s", (qkNorm) => {
    const config = vit22b("mu/4", { ...small, qkNorm, qkNormSpan: "width", fusedInput: false });
    const params = noisy(config);
    const { intermediates } = apply(toTensors(params), images(1), config);
    const { query_norm, key_norm } = params.encoder.block00!.attention!;
    const of = (name: string) => intermediates[`encoder/block00/attention/${name}`]!;
    const [, heads, tokens, headWidth] = of("query").shape as [number, number, number, number];
    /** Of one token, all heads side by side. */
    const normed = (name: string, token: number, { scale }: { scale: HostTensor }) => {
      const x = Array.from({ length: heads * headWidth }, (_, i) => {
        const [head, feature] = [Math.floor(i / headWidth), i % headWidth];
        return values(of(name))[(head * tokens + token) * headWidth + feature]!;
      });
      const center = qkNorm === "rms" ? 0 : x.reduce((sum, value) => sum + value, 0) / x.length;
      const variance = x.reduce((sum, value) => sum + (value - center) ** 2, 0) / x.length;
      return x.map((value, i) => ((value - center) / Math.sqrt(variance + 1e-6)) * scale.data[i]!);
    };
    const logits = values(of("logits"));
    const [query, key] = [normed("query", 1, query_norm!), normed("key", 2, key_norm!)];
    for (let head = 0; head < heads; head++) {
      const own = (x: number[]) => x.slice(head * headWidth, (head + 1) * headWidth);
      const product = own(query).reduce((sum, value, i) => sum + value * own(key)[i]!, 0);
      expect(logits[(head * tokens + 1) * tokens + 2]).toBeCloseTo(product / Math.sqrt(headWidth), 4);
    }
  });

  it("grow without bound otherwise", () => {
    const config = vit22b("mu/4", { ...small, qkNorm: "none", fusedInput: false });
    const { intermediates } = apply(toTensors(withScales(config)), images(), config);
    expect(largest(intermediates["encoder/block00/attention/logits"]!)).toBeGreaterThan(1000);
  });
});

describe("a new model over 29,593 classes", () => {
  /** Sigmoid cross-entropy summed over classes, for one image with one label. */
  const sigmoidLoss = (logits: Float32Array, label: number) =>
    logits.reduce((sum, logit) => sum + Math.log1p(Math.exp(logit)), 0) - logits[label]!;
  const loss = (headBias: number) => {
    const config = vit22b("mu/8", { imageSide: 16, classes: 29_593, headBias });
    return sigmoidLoss(values(apply(toTensors(init(config, 0)), images(1), config).logits), 17);
  };

  it("begins with a sigmoid loss of 11.343 if the head's bias is −10", () => {
    expect(loss(-10)).toBeCloseTo(10.00005 + 1.3435, 3);
  });

  it("begins at C·ln 2 = 20,512 without", () => {
    expect(loss(0)).toBeCloseTo(29_593 * Math.LN2, 2);
  });
});

describe("pooling", () => {
  const run = (options: Partial<ViTConfig>) => {
    const config = vitG("mu/4", { ...small, ...options });
    const params = noisy(config);
    return { params, ...apply(toTensors(params), images(), config) };
  };

  it("gap is the mean of the encoded tokens", () => {
    const { intermediates } = run({ pooling: "gap" });
    const encoded = values(intermediates.encoded!); // [2, 16, 24]
    const mean = Float32Array.from({ length: 48 }, (_, at) => {
      const [image, feature] = [Math.floor(at / 24), at % 24];
      let sum = 0;
      for (let token = 0; token < 16; token++) sum += encoded[(image * 16 + token) * 24 + feature]!;
      return sum / 16;
    });
    expect(largestDifference(intermediates.pre_logits!, mean)).toBeLessThan(1e-6);
  });

  it("tok is the first of 17 tokens, which begins as the class token without a position", () => {
    const { intermediates, params } = run({ pooling: "tok" });
    expect(intermediates.encoded!.shape).toEqual([2, 17, 24]);
    expect(values(intermediates.pre_logits!).slice(0, 24)).toEqual(values(intermediates.encoded!).slice(0, 24));
    expect(values(intermediates.tokens!).slice(0, 24)).toEqual(params.class_token!.data);
  });

  it("map has one query a head and image over all tokens", () => {
    const { intermediates } = run({ pooling: "map" });
    const probabilities = intermediates["pool/attention/probabilities"]!;
    expect(probabilities.shape).toEqual([2, 3, 1, 16]);
    expect(largestDifference(tf.sum(probabilities, -1), new Array(6).fill(1))).toBeLessThan(1e-6);
  });

  it.each(["gap", "map"] as const)("%s does not see the order of patches once positions are equal", (pooling) => {
    const config = vit22b("mu/4", { ...small, pooling });
    const params = noisy(config);
    params.positions.data.fill(0);
    const batch = images();
    // Swaps the upper and the lower half of the image: whole rows of patches.
    const [upper, lower] = tf.split(batch, 2, 1) as [tf.Tensor, tf.Tensor];
    const one = apply(toTensors(params), batch, config).logits;
    const other = apply(toTensors(params), tf.concat([lower, upper], 1), config).logits;
    expect(largestDifference(one, values(other))).toBeLessThan(1e-5);
  });

  it("without classes the logits are the pooled feature", () => {
    const { logits, intermediates } = run({ classes: 0 });
    expect(logits.shape).toEqual([2, 24]);
    expect(logits).toBe(intermediates.pre_logits);
  });
});

describe("intermediates", () => {
  const config = vit22b("mu/4", { ...small, depth: 1 });
  const params = () => toTensors(init(config, 0));

  it("have paths for names", () => {
    const { intermediates } = apply(params(), images(), config);
    expect(Object.entries(intermediates).map(([name, { shape }]) => `${name} [${shape}]`)).toEqual([
      "patches [2,16,24]",
      "tokens [2,16,24]",
      "encoder/block00/attention/query [2,3,16,8]",
      "encoder/block00/attention/key [2,3,16,8]",
      "encoder/block00/attention/logits [2,3,16,16]",
      "encoder/block00/attention/probabilities [2,3,16,16]",
      "encoder/block00/mlp/hidden [2,16,40]",
      "encoder/block00/output [2,16,24]",
      "encoded [2,16,24]",
      "pool/attention/query [2,3,1,8]",
      "pool/attention/key [2,3,16,8]",
      "pool/attention/logits [2,3,1,16]",
      "pool/attention/probabilities [2,3,1,16]",
      "pre_logits [2,24]",
      "logits [2,7]",
    ]);
  });

  it("that the filter does not want are freed block by block", () => {
    const tensorsLeft = (depth: number, keep?: (name: string) => boolean) => {
      const deep = { ...config, depth };
      const weights = toTensors(init(deep, 0));
      const batch = images();
      const before = tf.memory().numTensors;
      apply(weights, batch, deep, keep && { keep });
      return tf.memory().numTensors - before;
    };
    const none = () => false;
    expect(tensorsLeft(3, none) - tensorsLeft(2, none)).toBe(1); // the block's output
    expect(tensorsLeft(3) - tensorsLeft(2)).toBeGreaterThan(4);
    const logits = (name: string) => name.endsWith("attention/logits");
    expect(Object.keys(apply(params(), images(), config, { keep: logits }).intermediates)).toEqual([
      "encoder/block00/attention/logits",
      "pool/attention/logits",
    ]);
  });
});

describe("inputs that do not fit", () => {
  const config = vit22b("mu/4", small);
  const params = () => toTensors(init(config, 0));

  it("are refused by shape and dtype", () => {
    expect(() => apply(params(), images(2, 32), config)).toThrow(
      "images have shape [2,32,32,3]; this model takes [batch, 16, 16, 3]: resize them, or move the model to their " +
        "size with atResolution",
    );
    expect(() => apply(params(), tf.zeros([1, 16, 16, 3], "int32"), config)).toThrow(
      "images are int32; cast them to float32 and scale them to the range the model was made for",
    );
  });

  it("are refused when the parameters are of another configuration", () => {
    expect(() => apply(params(), images(), unfusedConfig(config))).toThrow(
      'the parameters have no "attention/query", which the configuration calls for',
    );
    expect(() => apply(params(), images(), { ...config, depth: 3 })).toThrow(
      'the parameters have no "encoder/block02"',
    );
  });
});
