import * as tf from "@tensorflow/tfjs-core";
import { collectives, type nn, treeEntries, treeFlatten, treeUnflatten } from "@vitscale/core";
import { isPartitionSpec } from "../layout/shard.ts";

/** A parameter of which this rank stores a piece. */
interface Stored {
  /** Place among the leaves of its tree. */
  readonly leaf: number;
  readonly piece: tf.Tensor;
  /** The axis along which the pieces are cut. */
  readonly axis: number;
}

/**
 * A partition whose ranks also share the storage of parameters (`storeOver`): they are gathered when the model asks for them, all of a
 * block in one collective, and their gradients come back summed and scattered, which is the transpose. In a compiled program a
 * block's gather starts when the block before begins to compute.
 *
 * The backward pass reads what the forward pass gathered. To gather again instead, and hold one block's parameters at a time, compile
 * with `rematerialize: "block"`.
 *
 * @param specs how each parameter of the model is spread, in the structure of the model's parameters
 * @param group the ranks along the mesh axis over which parameters are stored
 */
export function withStoredParameters(
  partition: nn.Partition,
  specs: unknown,
  group: collectives.RankGroup,
): nn.Partition {
  const byPath = new Map(treeEntries<nn.PartitionSpec>(specs, isPartitionSpec));
  return {
    ...partition,
    gather<Parameters>(parameters: Parameters, path: string, ...after: readonly tf.Tensor[]): Parameters {
      const { structure, leaves } = treeFlatten<tf.Tensor>(parameters);
      const stored = treeEntries<tf.Tensor>(parameters).flatMap(([name, piece], leaf): Stored[] => {
        const full = path === "" ? name : `${path}/${name}`;
        const spec = byPath.get(full);
        if (!spec) throw new RangeError(`no specification says how parameter ${full} is spread over ranks`);
        const axis = spec.axes.indexOf(group.over);
        return axis < 0 ? [] : [{ leaf, piece, axis }];
      });
      const gathered = gatherTogether(stored, group, after);
      const whole = leaves.map((leaf, i) => gathered.get(i) ?? leaf);
      return treeUnflatten(structure, whole) as Parameters;
    },
  };
}

/** The whole parameters by their place, gathered side by side as one vector. */
function gatherTogether(
  stored: readonly Stored[],
  group: collectives.RankGroup,
  after: readonly tf.Tensor[],
): Map<number, tf.Tensor> {
  if (stored.length === 0 || group.ranks.length === 1) return new Map();
  return new Map(
    tf
      .tidy(() => {
        const flat = stored.map(({ piece }) => tf.reshape(piece, [1, -1]));
        const own = flat.length === 1 ? (flat[0] as tf.Tensor) : tf.concat(flat, 1);
        const all = collectives.allGather(collectives.after(own, ...after), group, 0); // [ranks, elements]
        const sizes = stored.map(({ piece }) => piece.size);
        const parts = sizes.length === 1 ? [all] : tf.split(all, sizes, 1);
        return stored.map(({ piece, axis }, i) => joinPieces(parts[i] as tf.Tensor, piece.shape, axis));
      })
      .map((whole, i) => [(stored[i] as Stored).leaf, whole]),
  );
}

/** [ranks, elements of a piece] → the tensor that the pieces of `shape` are of, side by side along an axis. */
function joinPieces(pieces: tf.Tensor, shape: readonly number[], axis: number): tf.Tensor {
  const [ranks] = pieces.shape as [number];
  const apart = tf.reshape(pieces, [ranks, ...shape]);
  const order = Array.from({ length: shape.length }, (_, i) => i + 1);
  const beside = axis === 0 ? apart : tf.transpose(apart, order.toSpliced(axis, 0, 0));
  return tf.reshape(beside, shape.with(axis, ranks * (shape[axis] as number)));
}
