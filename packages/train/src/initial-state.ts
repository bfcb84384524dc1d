import type * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, type HostTensor, isHostTensor, type MapLeaves, treeEntries } from "@vitscale/core";
import { init, type ViTParameters } from "@vitscale/vit";
import type { ResolvedConfig } from "./config/train-config.ts";
import { pickLeaves, replaceLeaves } from "./leaves.ts";
import type { Optimizer } from "./optimizers/optimizer.ts";
import type { TrainState } from "./step.ts";

/** The state of a run of a ViT, in host memory or in an engine's. */
export type RunState = MapLeaves<TrainState<ViTParameters<tf.Tensor>>, tf.Tensor, DeviceTensor | HostTensor>;

/** The state before the first step: parameters as the model draws them, and nothing remembered. */
export function initialState({ model, seed, averaging }: ResolvedConfig, optimizer: Optimizer): RunState {
  const params = init(model, seed);
  const names = treeEntries(params, isHostTensor).map(([name]) => name);
  return {
    params,
    optimizer: optimizer.initOnHost(params),
    // Records of earlier versions have no such field.
    ...(averaging && { average: pickLeaves<HostTensor>(params, optimizer.trainable(names), isHostTensor) }),
  };
}

/** The parameters that a run's model has to show: their averages where it keeps some. */
export function finalParameters({ params, average = {} }: RunState): RunState["params"] {
  return replaceLeaves(params, average, isHostTensor);
}
