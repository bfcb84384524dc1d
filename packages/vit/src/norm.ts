import type * as tf from "@tensorflow/tfjs-core";
import { nn } from "@vitscale/core";
import type { NormParameters } from "./parameters.ts";

/** Normalises the last axis: RMS norm does not centre, layer norm does. */
export function norm(
  kind: "rms" | "layer",
  x: tf.Tensor,
  parameters: NormParameters<tf.Tensor>,
  epsilon: number,
): tf.Tensor {
  return kind === "rms" ? nn.rmsNorm(x, parameters, { epsilon }) : nn.layerNorm(x, parameters, { epsilon });
}
