import * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, type Engine, type HostTensor, jit, type MapLeaves } from "@vitscale/core";
import { apply, blockName, patchGrid, type ViTConfig, type ViTParameters } from "@vitscale/vit";
import { normalizeImages, type PixelStatistics } from "../images.ts";

/** A program that says where a model looked. Dispose of it after use. */
export interface AttentionMaps {
  /** Shares of attention [rows, patches down, patches across] of images [rows, side, side, channels]; those of an image sum to 1. */
  of(
    params: MapLeaves<ViTParameters<tf.Tensor>, tf.Tensor, DeviceTensor | HostTensor>,
    images: HostTensor<"uint8">,
  ): Promise<HostTensor<"float32">>;
  dispose(): void | Promise<void>;
}

/** Compiled at the first batch, and again for each other number of images. */
export function compileAttentionMaps(model: ViTConfig, pixels: PixelStatistics, engine: Engine): AttentionMaps {
  const maps = jit(
    (params: ViTParameters<tf.Tensor>, images: tf.Tensor) =>
      attentionRollout(params, normalizeImages(images, pixels), model),
    { engine, name: "attention-maps" },
  );
  return {
    async of(params, images) {
      const result = await maps(params, images);
      const host = (await result.host()) as HostTensor<"float32">;
      result.dispose();
      return host;
    },
    dispose: maps.dispose,
  };
}

/**
 * How much of each patch reaches the feature that the head reads, by attention alone: the attention of the pooling (of the probe; of the
 * class token; or the same of every token), carried back through the blocks, each of which passes on half of what it takes and half of what
 * its heads, on average, attend to (Abnar & Zuidema 2020, "Quantifying attention flow in transformers").
 *
 * @param images [batch, side, side, channels], normalised
 * @returns [batch, patches down, patches across]
 */
export function attentionRollout(params: ViTParameters<tf.Tensor>, images: tf.Tensor, model: ViTConfig): tf.Tensor3D {
  const { intermediates } = apply(params, images, model, { keep: (name) => name.endsWith("attention/probabilities") });
  const [batch] = images.shape as [number];
  const heads = (path: string) => tf.mean(intermediates[`${path}/attention/probabilities`]!, 1);
  const first = heads(`encoder/${blockName(0)}`);
  const tokens = first.shape[2] as number;
  let share = poolingShare(model, tokens, () => heads("pool")); // [batch or 1, 1, tokens]
  for (let index = model.depth - 1; index >= 0; index--) {
    const attended = tf.matMul(tf.tile(share, [batch / share.shape[0]!, 1, 1]), heads(`encoder/${blockName(index)}`));
    share = tf.mul(0.5, tf.add(share, attended));
  }
  const side = patchGrid(model.imageSide, model.patchSide);
  // A class token is the first, and no patch.
  const patches = tf.slice(share, [0, 0, tokens - side ** 2], [batch, 1, side ** 2]);
  return tf.reshape(tf.div(patches, tf.sum(patches, -1, true)), [batch, side, side]);
}

function poolingShare({ pooling }: ViTConfig, tokens: number, probe: () => tf.Tensor): tf.Tensor {
  switch (pooling) {
    case "map":
      return probe();
    case "gap":
      return tf.fill([1, 1, tokens], 1 / tokens);
    case "tok":
      return tf.oneHot(tf.zeros([1, 1], "int32"), tokens, 1, 0, "float32");
    default:
      return pooling satisfies never;
  }
}
