import type * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, type Engine, hostTensor, jit, type MapLeaves } from "@vitscale/core";
import { evaluationStep, meanMetrics } from "@vitscale/train";
import type { ViTConfig, ViTParameters } from "@vitscale/vit";
import { type ImageSet, takeImages } from "./shapes.ts";
import { stepParts } from "./vit-program.ts";

/** Measures a model on images that it was not trained on. */
export interface QualityProbe {
  /** Mean loss in nats, and the share of images whose class is right. */
  measure(
    params: MapLeaves<ViTParameters<tf.Tensor>, tf.Tensor, DeviceTensor>,
  ): Promise<{ readonly loss: number; readonly top1: number }>;
  dispose(): Promise<void>;
}

/**
 * A probe over all images of a set.
 *
 * @throws RangeError unless the set is a whole number of batches, since nothing is padded here.
 */
export function qualityProbe(config: ViTConfig, engine: Engine, images: ImageSet, batch: number): QualityProbe {
  const count = images.labels.data.length;
  if (count % batch !== 0) {
    throw new RangeError(`${count} test images are no whole number of batches of ${batch}; change either`);
  }
  const evaluate = jit(evaluationStep<ViTParameters<tf.Tensor>>(stepParts(config)), { engine, name: "quality" });
  const mask = hostTensor("float32", [batch], new Float32Array(batch).fill(1));
  return {
    async measure(params) {
      const sums = [];
      for (let start = 0; start < count; start += batch) {
        const indices = Array.from({ length: batch }, (_, index) => start + index);
        sums.push(await evaluate(params, { ...takeImages(images, indices), mask }));
      }
      const { loss, top1 } = await meanMetrics(sums);
      return { loss, top1 };
    },
    dispose: evaluate.dispose,
  };
}
