import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { type HostTensor, hostTensor, isHostTensor, jit, saveOnnx, treeMap } from "@vitscale/core";
import { normalizeImages } from "@vitscale/train";
import { init, type ViTConfig, type ViTParameters } from "@vitscale/vit";
import { predictor } from "../training/vit-program.ts";

/** Name of the exported model's input: a path, as all names of exported inputs are. */
export const imagesInput = "0/pixel_values";

/**
 * Exports a model with its initial weights (seed 0) into a folder as Hugging Face lays them out: `onnx/model.onnx`, from bytes
 * [batch, side, side, channels] to `logits` [batch, classes], and the `config.json` by which transformers.js knows what to make of it.
 */
export async function writeOnnxFolder(folder: string, model: ViTConfig, batch: number): Promise<void> {
  const predict = predictor(model);
  const host = init(model, 0);
  const classify = jit(
    ({ pixel_values }: { pixel_values: tf.Tensor }) => {
      // Captured, so that they become constants of the file as in any published model.
      const weights = treeMap(
        ({ shape, data }: HostTensor) => tf.tensor(data, [...shape], "float32"),
        host,
        isHostTensor,
      );
      return { logits: predict(weights as unknown as ViTParameters<tf.Tensor>, normalizeImages(pixel_values)) };
    },
    { name: "classifier" },
  );
  const { imageSide, channels } = model;
  const images = hostTensor("uint8", [batch, imageSide, imageSide, channels]);
  mkdirSync(join(folder, "onnx"), { recursive: true });
  await saveOnnx(join(folder, "onnx", "model.onnx"), classify.trace({ pixel_values: images }));
  const config = { model_type: "vit", architectures: ["ViTForImageClassification"] };
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
}
