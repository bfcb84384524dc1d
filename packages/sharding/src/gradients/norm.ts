import * as tf from "@tensorflow/tfjs-core";
import { collectives, type nn, treeEntries } from "@vitscale/core";
import type { MeshRank } from "../communicator.ts";
import { cutOver, specsAlong } from "../layout/shard.ts";

/**
 * Euclidean norm over all tensors of a tree whose parts lie on the ranks of a mesh: each element counts once, however many copies it
 * has. The same on all ranks, so that they clip alike.
 *
 * @param specs how each tensor is spread, by the paths of the tree
 */
export function normOnMesh(tree: unknown, specs: unknown, rank: MeshRank): tf.Scalar {
  const layouts = specsAlong(tree, specs);
  // Sums over the ranks of the same axes travel together.
  const sums = new Map<string, tf.Tensor[]>();
  for (const [i, [, tensor]] of treeEntries<tf.Tensor>(tree).entries()) {
    const squares = tf.square(tensor);
    // Row by row first: one long float32 sum loses digits.
    const sum = tf.sum(tensor.rank > 1 ? tf.sum(squares, -1) : squares);
    const axes = cutOver(layouts[i] as nn.PartitionSpec)
      .sort()
      .join();
    sums.set(axes, [...(sums.get(axes) ?? []), sum]);
  }
  const totals = [...sums].map(([axes, parts]) => {
    const own = tf.sum(tf.stack(parts));
    return axes
      .split(",")
      .filter(Boolean)
      .reduce((total, axis) => collectives.allReduce(total, rank.group(axis)), own as tf.Tensor);
  });
  return tf.sqrt(tf.sum(tf.stack(totals)));
}
