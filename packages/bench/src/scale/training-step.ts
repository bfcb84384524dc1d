import * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, type graph, type JitOptions, jit, type nn, treeMap, valueAndGrad } from "@vitscale/core";
import {
  createMesh,
  isPartitionSpec,
  type LinearForm,
  localShape,
  type Mesh,
  meshRank,
  shapeOnly,
  shareFeatures,
  storeOver,
  withStoredParameters,
} from "@vitscale/sharding";
import { apply, partitionParameters, type ViTConfig, type ViTParameters } from "@vitscale/vit";

/** Ranks that see different images, and that share features. */
export type TrainingMesh = Mesh<{ readonly data: number; readonly model: number }>;

/** A mesh for training. */
export const createTrainingMesh = (data: number, model: number): TrainingMesh => createMesh({ data, model });

/** How a step is carried out. */
export interface StepPlan {
  /** Images that the ranks of one model see at a time. */
  readonly images: number;
  readonly form: LinearForm;
  /** What the backward pass computes again; nothing unless given. */
  readonly rematerialize?: NonNullable<JitOptions["rematerialize"]>;
}

type Parameters = ViTParameters<tf.Tensor>;

/** How the parameters lie on a mesh: by features along `model`, and stored in pieces along `data`. */
export function specsOf(config: ViTConfig, mesh: TrainingMesh): ViTParameters<nn.PartitionSpec> {
  return storeOver(partitionParameters(config, mesh.axes.model), mesh);
}

/**
 * Forward and backward pass of the first rank of a mesh, recorded without a byte of its parameters. Parameters are gathered before they
 * are used, and their gradients scattered.
 *
 * @throws RangeError when the ranks along `model` cannot share heads or MLP width equally
 */
export function recordTrainingStep(
  config: ViTConfig,
  mesh: TrainingMesh,
  { images, form, rematerialize }: StepPlan,
): graph.Graph {
  const specs = specsOf(config, mesh);
  const rank = meshRank(mesh, 0);
  const partition = withStoredParameters(shareFeatures(rank.group("model"), { form }), specs, rank.group("data"));
  const parameters = treeMap(
    (spec: nn.PartitionSpec) => shapeOnly(localShape(spec, mesh)),
    specs,
    isPartitionSpec,
  ) as ViTParameters<DeviceTensor>;
  const loss = (params: Parameters, batch: tf.Tensor) =>
    tf.mean(apply(params, batch, config, { keep: () => false, partition }).logits) as tf.Scalar;
  const step = jit(valueAndGrad(loss), rematerialize ? { rematerialize } : {});
  return step.graph(parameters, shapeOnly([images, config.imageSide, config.imageSide, config.channels]));
}
