import type * as tf from "@tensorflow/tfjs-core";
import { collectives, type nn, treeEntries } from "@vitscale/core";
import type { MeshRank } from "../communicator.ts";
import { isPartitionSpec } from "../layout/shard.ts";
import { normOnMesh, normsOnMesh } from "./norm.ts";
import { type ReduceOptions, reduceGradients } from "./reduce.ts";

/** How a parameter is spread, for what looks across its elements. */
export interface ParameterSpread {
  /** Of the whole parameter. */
  readonly shape: readonly number[];
  /** The sum over the ranks that have other stretches of an axis; of a parameter that is not cut along it, the tensor itself. */
  sumOver(tensor: tf.Tensor, axis: number): tf.Tensor;
}

/** What a training step does with other ranks. */
export interface MeshGradients {
  /** Ranks of the mesh, of whose losses each is an equal share. */
  readonly count: number;
  /** Gradients summed over the ranks that have copies. */
  sum<Gradients>(gradients: Gradients): Gradients;
  /** The global norm, each element once. */
  norm(gradients: unknown): tf.Scalar;
  /** The norms of several trees, by their names. */
  norms<Name extends string>(trees: Readonly<Record<Name, unknown>>): Readonly<Record<Name, tf.Scalar>>;
  /** The sum of a tensor over all ranks. */
  total(value: tf.Tensor): tf.Tensor;
  /** The largest of all ranks, element by element. */
  maximum(value: tf.Tensor): tf.Tensor;
  /** How a parameter is spread. */
  spreadOf(path: string): ParameterSpread;
}

/**
 * The part of a training step that needs other ranks, for parameters that are spread as `specs` says: `trainStep({ …, ranks })` of
 * @vitscale/train.
 */
export function gradientsOnMesh(specs: unknown, rank: MeshRank, options: ReduceOptions = {}): MeshGradients {
  const { mesh } = rank;
  const byPath = new Map(treeEntries<nn.PartitionSpec>(specs, isPartitionSpec));
  const axes = Object.keys(mesh.axes);
  return {
    count: mesh.size,
    sum: (gradients) => reduceGradients(gradients, specs, rank, options),
    norm: (gradients) => normOnMesh(gradients, specs, rank),
    norms: (trees) => normsOnMesh(trees, specs, rank),
    total: (value) => axes.reduce((sum, axis) => collectives.allReduce(sum, rank.group(axis)), value),
    maximum: (value) => axes.reduce((largest, axis) => collectives.allReduce(largest, rank.group(axis), "max"), value),
    spreadOf(path) {
      const spec = byPath.get(path);
      if (!spec) throw new RangeError(`no specification says how ${path} is spread over ranks`);
      return {
        shape: spec.shape,
        sumOver(tensor, axis) {
          const over = spec.axes[axis];
          return over === null || over === undefined ? tensor : collectives.allReduce(tensor, rank.group(over));
        },
      };
    },
  };
}
