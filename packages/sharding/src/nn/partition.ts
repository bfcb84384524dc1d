import * as tf from "@tensorflow/tfjs-core";
import { collectives, nn } from "@vitscale/core";
import { type ParallelLinearOptions, parallelLinear } from "../linear/linear.ts";
import { sharedLayerNorm, sharedRmsNorm } from "./norm.ts";

/** Options of {@link shareFeatures}: how products communicate. */
export type ShareOptions = Omit<ParallelLinearOptions, "layout">;

/**
 * The partition of a model whose features the ranks of a group share: pass it to the model with this rank's parts of the parameters.
 * Every product is a parallel linear operation, whose layout follows from its kernel: [n, m/k] gathers, [n/k, m] reduces.
 */
export function shareFeatures(group: collectives.RankGroup, options: ShareOptions = {}): nn.Partition {
  const ranks = group.ranks.length;
  return {
    ranks,
    position: group.position,
    gather: (parameters) => parameters,
    linear(x, parameters) {
      const layout = parameters.kernel.shape[0] === x.shape.at(-1) && ranks > 1 ? "reduce" : "gather";
      return parallelLinear(x, parameters, group, { ...options, layout });
    },
    linearToWhole(x, { kernel, bias }) {
      const sum = collectives.allReduce(nn.linear(x, { kernel }), group);
      return bias ? tf.add(sum, bias) : sum;
    },
    rmsNorm: (x, parameters, given = {}) => sharedRmsNorm(x, parameters, given, group),
    layerNorm: (x, parameters, given = {}) => sharedLayerNorm(x, parameters, given, group),
  };
}
