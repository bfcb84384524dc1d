import type * as tf from "@tensorflow/tfjs-core";

/** Named tensors that a model computed on its way, by path: `encoder/block03/attention/logits`, `pre_logits`, … */
export type Intermediates = Record<string, tf.Tensor>;

/** Which intermediates to return. */
export type Keep = (name: string) => boolean;

/** Notes a tensor under a name, and hands it on. */
export type Note = (name: string, tensor: tf.Tensor) => tf.Tensor;

/** A note that writes what `keep` wants into `intermediates`, under `prefix`. */
export function notes(intermediates: Intermediates, keep: Keep, prefix = ""): Note {
  return (name, tensor) => {
    const path = prefix + name;
    if (keep(path)) intermediates[path] = tensor;
    return tensor;
  };
}
