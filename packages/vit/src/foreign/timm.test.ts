import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { type HostTensor, hostTensor } from "@vitscale/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apply } from "../apply.ts";
import { type ViTConfig, type ViTOptions, vit22b, vitG } from "../config.ts";
import { hashed } from "../testing/hashed.ts";
import { readTensors } from "../testing/safetensors.ts";
import { largestDifference, toTensor, toTensors } from "../testing/tensors.ts";
import { fromTimm, readTimm, timmParallel, timmViT } from "./timm.ts";

const fixtures = new URL("../../fixtures/", import.meta.url);
const expected = await readTensors(new URL("timm/expected.safetensors", fixtures));

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const small: ViTOptions = { width: 16, depth: 2, mlpWidth: 48, heads: 2, imageSide: 32, classes: 5 };
const sequential = (options: ViTOptions) => vitG("mu/8", { ...small, ...timmViT, ...options });
const parallel = (options: ViTOptions) => vit22b("mu/8", { ...small, ...timmViT, ...options });

// fixtures/make_timm.py says how each of timm's is configured.
const models: Record<string, ViTConfig> = {
  token: sequential({}),
  token_no_embed_class: sequential({}),
  gap_fc_norm: sequential({ pooling: "gap", finalNorm: "pooled" }),
  gap_norm: sequential({ pooling: "gap" }),
  map: sequential({ pooling: "map" }),
  map_tanh: sequential({ pooling: "map", gelu: "tanh" }),
  qk_norm: sequential({ qkNorm: "layer", biases: { qkNorm: true } }),
  no_bias: sequential({ biases: { qkv: false, attentionOutput: false, mlp: false } }),
  parallel_map: parallel({ pooling: "map" }),
  parallel_fused_out: parallel({ pooling: "map" }),
  parallel_xp: parallel(timmParallel),
  parallel_layer: parallel({ norm: "layer", qkNorm: "layer", biases: { qkv: true, norm: true, qkNorm: true } }),
};

describe.each(Object.entries(models))("timm's %s", (name, config) => {
  const path = fileURLToPath(new URL(`timm/${name}.safetensors`, fixtures));
  const canFuseOutput = config.block === "parallel";

  it.each([
    { fusedInput: false, fusedOutput: false },
    { fusedInput: true, fusedOutput: canFuseOutput },
  ])("gives the same logits to 1e-5 with %o", async (fusion) => {
    const fused = { ...config, ...fusion };
    const { logits } = apply(toTensors(await readTimm(path, fused)), toTensor(expected.images!), fused);
    expect(largestDifference(logits, expected[`${name}/logits`]!.data)).toBeLessThan(1e-5);
  });
});

function hashedTensor(name: string, shape: readonly number[], salt: number): HostTensor<"float32"> {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const values = hashed(size, salt);
  if (name.endsWith("weight") && shape.length === 1)
    return hostTensor(
      "float32",
      shape,
      values.map((value) => 1 + value),
    );
  const scale = name.endsWith("weight") ? Math.fround(3 / Math.sqrt(size / shape[0]!)) : 1;
  return hostTensor(
    "float32",
    shape,
    values.map((value) => value * scale),
  );
}

it("gives the logits of timm's vit_tiny_patch16_224, cut to two blocks, to 1e-4", () => {
  const { shapes, logits } = JSON.parse(readFileSync(new URL("vit_tiny.json", fixtures), "utf8")) as {
    shapes: Record<string, number[]>;
    logits: number[];
  };
  const names = Object.keys(shapes).sort();
  const state = Object.fromEntries(names.map((name, salt) => [name, hashedTensor(name, shapes[name]!, salt)]));
  const config = vitG("Ti/16", { ...timmViT, depth: 2 });
  const images = tf.tensor(hashed(224 * 224 * 3, names.length), [1, 224, 224, 3]);
  const answer = apply(toTensors(fromTimm(state, config)), images, config, { keep: () => false });
  expect(largestDifference(answer.logits, logits)).toBeLessThan(1e-4);
});

describe("a state dict that is not of the model", async () => {
  const state = await readTensors(new URL("timm/token.safetensors", fixtures));

  it("is refused with everything that is missing, misshapen or unknown", () => {
    const { "norm.bias": _, ...rest } = state;
    const odd = { ...rest, "blocks.0.ls1.gamma": hostTensor("float32", [16]), "head.bias": hostTensor("float32", [6]) };
    expect(() => fromTimm(odd, models.token!)).toThrow(
      [
        "the state dict is not of the configured model; change the configuration or the file:",
        "  missing: norm.bias (our final_norm/bias)",
        "  shape: head.bias is [6], which does not give our head/bias [5]",
        "  unknown: blocks.0.ls1.gamma",
      ].join("\n"),
    );
  });

  it("is refused when the width differs", () => {
    expect(() => fromTimm(state, { ...models.token!, width: 32 })).toThrow(
      "shape: blocks.0.attn.qkv.weight is [48,16], which does not give our encoder/block00/attention/key/kernel [32,32]",
    );
  });
});
