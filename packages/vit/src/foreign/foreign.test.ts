import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { hostTensor } from "@vitscale/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apply } from "../apply.ts";
import { type ViTConfig, type ViTOptions, vitG } from "../config.ts";
import { readTensors } from "../testing/safetensors.ts";
import { largestDifference, toTensor, toTensors } from "../testing/tensors.ts";
import { augReg, fromBigVision } from "./big-vision.ts";
import type { ForeignState } from "./dialect.ts";
import { fromHuggingFace, huggingFaceViT, siglipImage } from "./hugging-face.ts";
import { readState } from "./read-state.ts";
import { readWeights, type WeightFormat } from "./read-weights.ts";

/** Written by fixtures/make_foreign.py. */
const fixture = (name: string) => new URL(`../../fixtures/foreign/${name}`, import.meta.url);
const expected = await readTensors(fixture("expected.safetensors"));

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const small: ViTOptions = { width: 16, depth: 2, mlpWidth: 48, heads: 2, imageSide: 32, classes: 5 };
const config = (options: ViTOptions) => vitG("mu/8", { ...small, ...options });

const models: readonly (readonly [file: string, format: WeightFormat, config: ViTConfig])[] = [
  ["hf_vit.safetensors", "hugging-face", config(huggingFaceViT)],
  ["hf_siglip.safetensors", "hugging-face", config(siglipImage)],
  ["big_vision_map.npz", "big-vision", config({})],
  ["big_vision_gap.npz", "big-vision", config({ pooling: "gap" })],
  ["big_vision_siglip.npz", "big-vision", config(siglipImage)],
  ["augreg.npz", "big-vision", config(augReg)],
];

describe.each(models)("%s", (file, format, own) => {
  it.each([false, true])("gives the same answers to 1e-5, fused: %s", async (fusedInput) => {
    const fused = { ...own, fusedInput };
    const params = await readWeights(fileURLToPath(fixture(file)), format, fused);
    const { logits } = apply(toTensors(params), toTensor(expected.images!), fused, { keep: () => false });
    expect(largestDifference(logits, expected[file.split(".")[0]!]!.data)).toBeLessThan(1e-5);
  });
});

const read = (name: string) => readState(fileURLToPath(fixture(name)));

it("takes apart the blocks that big_vision stored as one", async () => {
  const state = await read("big_vision_map.npz");
  const scanned: Record<string, ForeignState[string]> = {};
  for (const [name, tensor] of Object.entries(state)) {
    const other = state[name.replace("encoderblock_0/", "encoderblock_1/")]!;
    if (name.includes("encoderblock_1/")) continue;
    if (!name.includes("encoderblock_0/")) scanned[name] = tensor;
    else {
      const both = Float32Array.from([...tensor.data, ...other.data]);
      scanned[name.replace("encoderblock_0/", "encoderblock/")] = hostTensor("float32", [2, ...tensor.shape], both);
    }
  }
  expect(fromBigVision(scanned, config({}))).toEqual(fromBigVision(state, config({})));
});

describe("what does not fit", () => {
  it("is listed, what may be left over excepted", async () => {
    const state = await read("hf_vit.safetensors");
    const headless = config({ ...huggingFaceViT, classes: 0 });
    expect(() => fromHuggingFace(state, headless)).toThrow("unknown: classifier.bias\n  unknown: classifier.weight");
    expect(() => fromHuggingFace(state, headless, { ignore: ["classifier\\..+"] })).not.toThrow();
  });

  it("is named by the file and the format", async () => {
    const path = fileURLToPath(fixture("hf_siglip.safetensors"));
    await expect(readWeights(path, "big-vision", config({}))).rejects.toThrow(
      "as a checkpoint of big-vision: the file is no ViT of big_vision: it has no embedding/kernel of 4 axes",
    );
    await expect(readState("weights.bin")).rejects.toThrow("give a .safetensors or .npz file");
  });

  it("is told apart by the order of axes", async () => {
    const state = await read("augreg.npz");
    const kernel = hostTensor("float32", [5, 16], state["head/kernel"]!.data);
    expect(() => fromBigVision({ ...state, "head/kernel": kernel }, config(augReg))).toThrow(
      "shape: head/kernel is [5,16], which does not give our head/kernel [16,5]",
    );
  });
});
