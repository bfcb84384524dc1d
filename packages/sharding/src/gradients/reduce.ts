import * as tf from "@tensorflow/tfjs-core";
import { collectives, type nn, sizeOf, treeFlatten, treeUnflatten } from "@vitscale/core";
import type { MeshRank } from "../communicator.ts";
import { cutOver, specsAlong } from "../layout/shard.ts";

/** Options of {@link reduceGradients}. */
export interface ReduceOptions {
  /** Small gradients travel together until they are so many bytes; 4 MiB by default. */
  readonly bucketBytes?: number;
}

/**
 * Sums gradients over the ranks that have copies of a parameter, so that copies stay equal: over the data axis, and over the model
 * axis where a parameter is whole on every rank.
 *
 * Gradients are joined into buckets in the order in which a backward pass computes them, last parameter first, so that the first
 * bucket is on its way while the rest is still computed.
 *
 * @param specs how each parameter is spread, by the paths of the gradients
 */
export function reduceGradients<Gradients>(
  gradients: Gradients,
  specs: unknown,
  rank: MeshRank,
  { bucketBytes = 4 << 20 }: ReduceOptions = {},
): Gradients {
  const { leaves, structure } = treeFlatten<tf.Tensor>(gradients);
  const layouts = specsAlong(gradients, specs);
  const reduced = [...leaves];
  const axes = Object.keys(rank.mesh.axes).filter((axis) => rank.mesh.axes[axis] !== 1);
  for (const axis of axes) {
    const group = rank.group(axis);
    const copied = [...leaves.keys()].filter((i) => !cutOver(layouts[i] as nn.PartitionSpec).includes(axis));
    for (const bucket of bucketsOf(copied.reverse(), leaves, bucketBytes)) {
      const sums = sumTogether(
        bucket.map((i) => reduced[i] as tf.Tensor),
        group,
      );
      for (const [place, i] of bucket.entries()) reduced[i] = sums[place] as tf.Tensor;
    }
  }
  return treeUnflatten(structure, reduced) as Gradients;
}

/** The sums of several tensors over ranks, in one collective: side by side as one vector, but for one that is alone. */
function sumTogether(tensors: readonly tf.Tensor[], group: collectives.RankGroup): tf.Tensor[] {
  const [first] = tensors as [tf.Tensor];
  if (tensors.length === 1) return [collectives.allReduce(first, group)];
  const flat = tf.concat(
    tensors.map((tensor) => tf.reshape(tensor, [-1])),
    0,
  );
  const parts = tf.split(
    collectives.allReduce(flat, group),
    tensors.map(({ size }) => size),
  );
  return parts.map((part, i) => tf.reshape(part, (tensors[i] as tf.Tensor).shape));
}

/** Runs of parameters whose gradients fill a bucket; a gradient that fills one by itself has its own. */
function bucketsOf(order: readonly number[], leaves: readonly tf.Tensor[], bucketBytes: number): number[][] {
  const buckets: number[][] = [];
  let [current, filled] = [[] as number[], 0];
  for (const i of order) {
    const bytes = 4 * sizeOf((leaves[i] as tf.Tensor).shape);
    if (bytes >= bucketBytes) {
      buckets.push([i]);
      continue;
    }
    current.push(i);
    filled += bytes;
    if (filled >= bucketBytes) {
      buckets.push(current);
      [current, filled] = [[], 0];
    }
  }
  return current.length > 0 ? [...buckets, current] : buckets;
}
