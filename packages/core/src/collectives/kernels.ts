import * as tf from "@tensorflow/tfjs-core";
import { type GradientRule, rule, runKernel } from "../gradients/rule.ts";
import { type RankReduction, ringPairs } from "../graph/collectives.ts";

/** The ranks that take part in a collective, seen from one of them. */
export interface RankGroup {
  /** The mesh axis along which they differ. */
  readonly over: string;
  /** Ranks in the order of that axis. */
  readonly ranks: readonly number[];
  /** This rank's place among them. */
  readonly position: number;
  /** Number of the communicator that carries eager calls; compiled programs are given theirs. */
  readonly communicator: number;
}

/** Attributes of the kernels. Tensor axes are non-negative; ranks are named by their position in the group. */
export interface CollectiveKernels {
  AllGather: { readonly group: RankGroup; readonly axis: number };
  ReduceScatter: { readonly group: RankGroup; readonly axis: number };
  AllReduce: { readonly group: RankGroup; readonly reduction: RankReduction };
  CollectivePermute: {
    readonly group: RankGroup;
    readonly pairs: readonly (readonly [source: number, target: number])[];
  };
  CollectiveBroadcast: { readonly group: RankGroup; readonly root: number };
  CollectiveReduce: { readonly group: RankGroup; readonly root: number };
  AllToAll: { readonly group: RankGroup; readonly split: number; readonly concat: number };
}

export type CollectiveKernel = keyof CollectiveKernels;

function call<K extends CollectiveKernel>(kernel: K, x: tf.Tensor, attributes: CollectiveKernels[K]): tf.Tensor {
  registerCollectiveGradients();
  return runKernel(kernel, { x }, attributes);
}

/** An axis counted from the end made one from the start. @throws RangeError when there is no such axis. */
function axisOf(axis: number, { shape }: tf.Tensor): number {
  const positive = axis < 0 ? axis + shape.length : axis;
  if (Number.isInteger(axis) && positive >= 0 && positive < shape.length) return positive;
  throw new RangeError(`axis ${axis} is not one of the ${shape.length} axes of a tensor [${shape}]`);
}

/**
 * The tensors of all ranks side by side along an axis. All have one shape.
 *
 * Gradients of collectives are those of the sum of all ranks' losses, so each is the transpose of a linear map from the
 * tensors of all ranks to the results of all ranks. That of this one is {@link reduceScatter}.
 */
export function allGather(x: tf.Tensor, group: RankGroup, axis: number): tf.Tensor {
  return call("AllGather", x, { group, axis: axisOf(axis, x) });
}

/** The sum over all ranks, of which each keeps its own part along an axis; the gradient is {@link allGather}. */
export function reduceScatter(x: tf.Tensor, group: RankGroup, axis: number): tf.Tensor {
  return call("ReduceScatter", x, { group, axis: axisOf(axis, x) });
}

/**
 * The sum over all ranks, on every rank; the gradient is the same sum of the gradients. Or the elementwise maximum, whose
 * gradient goes to every rank that has it.
 */
export function allReduce(x: tf.Tensor, group: RankGroup, reduction: RankReduction = "sum"): tf.Tensor {
  return call("AllReduce", x, { group, reduction });
}

/** Hands each source's tensor to its target; zeros where nobody sends. The gradient goes the other way. */
export function collectivePermute(
  x: tf.Tensor,
  group: RankGroup,
  pairs: readonly (readonly [source: number, target: number])[],
): tf.Tensor {
  return call("CollectivePermute", x, { group, pairs });
}

/** One step round the ring: every rank's tensor goes to the rank `by` places further. */
export function ringShift(x: tf.Tensor, group: RankGroup, by = 1): tf.Tensor {
  return collectivePermute(x, group, ringPairs(group.ranks.length, by));
}

/** The tensor of one rank (by its position in the group) on all; the gradient is {@link reduceTo}. */
export function broadcastFrom(x: tf.Tensor, group: RankGroup, root = 0): tf.Tensor {
  return call("CollectiveBroadcast", x, { group, root });
}

/** The sum over all ranks on one of them, zeros on the others; the gradient is {@link broadcastFrom}. */
export function reduceTo(x: tf.Tensor, group: RankGroup, root = 0): tf.Tensor {
  return call("CollectiveReduce", x, { group, root });
}

/** Sends part j along axis `split` to rank j, and joins what comes along axis `concat`. The gradient swaps the axes. */
export function allToAll(x: tf.Tensor, group: RankGroup, split: number, concat: number): tf.Tensor {
  return call("AllToAll", x, { group, split: axisOf(split, x), concat: axisOf(concat, x) });
}

const gradients: readonly GradientRule[] = [
  rule<CollectiveKernels["AllGather"]>("AllGather", {}, (dy, _, { group, axis }) => ({
    x: () => reduceScatter(dy, group, axis),
  })),
  rule<CollectiveKernels["ReduceScatter"]>("ReduceScatter", {}, (dy, _, { group, axis }) => ({
    x: () => allGather(dy, group, axis),
  })),
  rule<CollectiveKernels["AllReduce"]>(
    "AllReduce",
    { inputs: ["x"], outputs: [true] },
    (dy, [x, y], { group, reduction }) => ({
      x: () => {
        const total = allReduce(dy, group);
        if (reduction === "sum") return total;
        return tf.mul(total, tf.cast(tf.equal(x as tf.Tensor, y as tf.Tensor), "float32"));
      },
    }),
  ),
  rule<CollectiveKernels["CollectivePermute"]>("CollectivePermute", {}, (dy, _, { group, pairs }) => ({
    x: () =>
      collectivePermute(
        dy,
        group,
        pairs.map(([source, target]) => [target, source]),
      ),
  })),
  rule<CollectiveKernels["CollectiveBroadcast"]>("CollectiveBroadcast", {}, (dy, _, { group, root }) => ({
    x: () => reduceTo(dy, group, root),
  })),
  rule<CollectiveKernels["CollectiveReduce"]>("CollectiveReduce", {}, (dy, _, { group, root }) => ({
    x: () => broadcastFrom(dy, group, root),
  })),
  rule<CollectiveKernels["AllToAll"]>("AllToAll", {}, (dy, _, { group, split, concat }) => ({
    x: () => allToAll(dy, group, concat, split),
  })),
];

/** Gives tfjs the gradients of the collectives, once. */
function registerCollectiveGradients(): void {
  for (const each of gradients) if (!tf.getGradient(each.kernelName)) tf.registerGradient(each);
}
