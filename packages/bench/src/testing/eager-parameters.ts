import * as tf from "@tensorflow/tfjs-core";
import { type HostTensor, isHostTensor, treeMap } from "@vitscale/core";
import type { HostParameters } from "@vitscale/train";
import type { ViTParameters } from "@vitscale/vit";

/** The parameters of a model as tensors of the eager backend. */
export function eagerParameters(params: HostParameters): ViTParameters<tf.Tensor> {
  const tensor = ({ shape, data }: HostTensor<"float32">) => tf.tensor(data, [...shape], "float32");
  return treeMap(tensor, params, isHostTensor) as unknown as ViTParameters<tf.Tensor>;
}
