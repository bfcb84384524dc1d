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
  const { norm } = normsOnMesh({ norm: tree }, specs, rank);
  return norm as tf.Scalar;
}

/** The norms of several trees, by their names, which travel together. */
export function normsOnMesh<Name extends string>(
  trees: Readonly<Record<Name, unknown>>,
  specs: unknown,
  rank: MeshRank,
): Readonly<Record<Name, tf.Scalar>> {
  const names = Object.keys(trees) as Name[];
  // Sums over the ranks of the same axes travel together: [trees] for each set of axes.
  const sums = new Map<string, tf.Tensor[][]>();
  for (const [place, name] of names.entries()) {
    const layouts = specsAlong(trees[name], specs);
    for (const [i, [, tensor]] of treeEntries<tf.Tensor>(trees[name]).entries()) {
      const squares = tf.square(tensor);
      // Row by row first: one long float32 sum loses digits.
      const sum = tf.sum(tensor.rank > 1 ? tf.sum(squares, -1) : squares);
      const axes = cutOver(layouts[i] as nn.PartitionSpec)
        .sort()
        .join();
      const ofTrees = sums.get(axes) ?? names.map((): tf.Tensor[] => []);
      sums.set(axes, ofTrees);
      (ofTrees[place] as tf.Tensor[]).push(sum);
    }
  }
  const totals = [...sums].map(([axes, ofTrees]) => {
    const own = tf.stack(ofTrees.map((parts) => (parts.length > 0 ? tf.sum(tf.stack(parts)) : tf.scalar(0))));
    return axes
      .split(",")
      .filter(Boolean)
      .reduce((total, axis) => collectives.allReduce(total, rank.group(axis)), own as tf.Tensor);
  });
  const norms = tf.unstack(tf.sqrt(tf.sum(tf.stack(totals), 0)));
  return Object.fromEntries(names.map((name, i) => [name, norms[i] as tf.Scalar])) as Record<Name, tf.Scalar>;
}
