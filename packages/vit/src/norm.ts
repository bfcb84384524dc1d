import type * as tf from "@tensorflow/tfjs-core";
import type { NormParameters } from "./parameters.ts";
import type { LocalConfig } from "./partition.ts";

/** Normalises the features: RMS norm does not centre, layer norm does. */
export function norm(
  x: tf.Tensor,
  parameters: NormParameters<tf.Tensor>,
  { norm: kind, normEpsilon: epsilon, partition }: Pick<LocalConfig, "norm" | "normEpsilon" | "partition">,
): tf.Tensor {
  return kind === "rms"
    ? partition.rmsNorm(x, parameters, { epsilon })
    : partition.layerNorm(x, parameters, { epsilon });
}
