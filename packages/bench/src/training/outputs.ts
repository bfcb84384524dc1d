import type * as tf from "@tensorflow/tfjs-core";
import { type Engine, type HostTensor, hostTensor, jit } from "@vitscale/core";
import { type HostParameters, normalizeImages, unitRange } from "@vitscale/train";
import { apply, type ViTConfig, type ViTParameters } from "@vitscale/vit";
import { type ImageSet, takeImages } from "./shapes.ts";

/** What a model makes of images: its logits, or what its head reads. */
export type OutputName = "logits" | "pre_logits";

/** Reads outputs of a model. */
export interface OutputProbe {
  /** [images, classes] logits, or [images, width] features. */
  outputsOf(params: HostParameters, images: ImageSet): Promise<HostTensor<"float32">>;
  dispose(): Promise<void>;
}

/** A probe of one output; any number of images, a batch at a time. */
export function outputProbe(config: ViTConfig, engine: Engine, output: OutputName, batch = 256): OutputProbe {
  const compute = jit(
    (params: ViTParameters<tf.Tensor>, pixels: tf.Tensor) => {
      const keep = (name: string) => name === output;
      const { logits, intermediates } = apply(params, normalizeImages(pixels, unitRange), config, { keep });
      return output === "logits" ? logits : intermediates[output]!;
    },
    { engine, name: output },
  );
  return {
    async outputsOf(params, images) {
      const count = images.labels.data.length;
      const parts: Float32Array[] = [];
      for (let start = 0; start < count; start += batch) {
        const indices = Array.from({ length: Math.min(batch, count - start) }, (_, index) => start + index);
        const result = await compute(params, takeImages(images, indices).images);
        parts.push((await result.read()) as Float32Array);
        result.dispose();
      }
      const all = hostTensor("float32", [count, parts[0]!.length / Math.min(batch, count)]);
      let place = 0;
      for (const part of parts) {
        all.data.set(part, place);
        place += part.length;
      }
      return all;
    },
    dispose: compute.dispose,
  };
}
