import type * as tf from "@tensorflow/tfjs-core";
import { hostTensor, jit } from "@vitscale/core";
import { apply, describeModel, init, type ViTParameters, vit22b } from "@vitscale/vit";

// The ViT-22B block at the size of ViT-Ti, for images of 32×32 pixels cut into patches of 4×4.
const config = vit22b("Ti/4", { imageSide: 32, classes: 10 });
const params = init(config, 0); // float32 host tensors: the same for every run with seed 0

const model = jit((weights: ViTParameters<tf.Tensor>, images: tf.Tensor) => {
  const { logits, intermediates } = apply(weights, images, config);
  // Any intermediate by name; what is not returned is not computed.
  return { logits, attention: intermediates["encoder/block03/attention/probabilities"]! };
});

const images = hostTensor("float32", [2, 32, 32, 3]);
const { logits, attention } = await model(params, images);

export const answer = await logits.read(); // 2 × 10 numbers, all 0: a new head is zero
export const shape = attention.shape; // [2, 3, 64, 64]: image, head, query, key
export const table = describeModel(vit22b()); // ViT-22B's parts, parameters and FLOPs, allocating nothing
