import type * as tf from "@tensorflow/tfjs-core";
import { collectives } from "@vitscale/core";
import type { MeshRank } from "../communicator.ts";
import { normOnMesh } from "./norm.ts";
import { type ReduceOptions, reduceGradients } from "./reduce.ts";

/** What a training step does with other ranks. */
export interface MeshGradients {
  /** Ranks of the mesh, of whose losses each is an equal share. */
  readonly count: number;
  /** Gradients summed over the ranks that have copies. */
  sum<Gradients>(gradients: Gradients): Gradients;
  /** The global norm, each element once. */
  norm(gradients: unknown): tf.Scalar;
  /** The sum of a number over all ranks. */
  total(value: tf.Tensor): tf.Tensor;
}

/**
 * The part of a training step that needs other ranks, for parameters that are spread as `specs` says: `trainStep({ …, ranks })` of
 * @vitscale/train.
 */
export function gradientsOnMesh(specs: unknown, rank: MeshRank, options: ReduceOptions = {}): MeshGradients {
  const { mesh } = rank;
  return {
    count: mesh.size,
    sum: (gradients) => reduceGradients(gradients, specs, rank, options),
    norm: (gradients) => normOnMesh(gradients, specs, rank),
    total: (value) => Object.keys(mesh.axes).reduce((sum, axis) => collectives.allReduce(sum, rank.group(axis)), value),
  };
}
