import type * as tf from "@tensorflow/tfjs-core";
import { bytesPerElement, type HostTensor, jit, type nn, sizeOf, treeEntries, treeMap } from "@vitscale/core";
import {
  isPartitionSpec,
  localShape,
  meshRank,
  planSharding,
  printBytes,
  printPlan,
  shapeOnly,
} from "@vitscale/sharding";
import { apply, type ViTParameters } from "@vitscale/vit";
import { isTensor } from "../checkpoints/restore.ts";
import { buildLoss, buildOptimizer } from "../config/build.ts";
import type { ResolvedConfig } from "../config/train-config.ts";
import { trainStep } from "../step.ts";
import { meshOf, type RunAxes } from "./mesh.ts";
import { stepOnMesh } from "./mesh-share.ts";
import { parameterSpecs } from "./specs.ts";

/**
 * What each rank of a mesh would hold of a run, and what a step would send, as text. The step is recorded, and nothing runs. Ranks of the
 * mesh need not exist.
 *
 * @throws RangeError when the mesh does not fit the configuration.
 */
export function printRunPlan(config: ResolvedConfig, axes: RunAxes): string {
  const { model, batchSize, averaging, rematerialize } = config;
  const mesh = meshOf(axes, config);
  const specs = parameterSpecs(model, mesh);
  const optimizer = buildOptimizer(config.optimizer);

  const params = treeMap((spec: nn.PartitionSpec) => shapeOnly(localShape(spec, mesh)), specs, isPartitionSpec);
  const state = { params, optimizer: optimizer.initOnHost(params) };
  const { partition, ranks } = stepOnMesh(model, meshRank(mesh, 0));
  const step = jit(
    trainStep<ViTParameters<tf.Tensor>>({
      predict: (parameters, images) => apply(parameters, images, model, { keep: () => false, partition }).logits,
      loss: buildLoss(config.loss),
      optimizer,
      pixels: config.pixels,
      classes: model.classes,
      clipNorm: config.clipNorm ?? Infinity,
      ranks,
    }),
    { ...(rematerialize && { rematerialize }) },
  );
  const rows = batchSize / mesh.axes.data;
  const { imageSide, channels } = model;
  const batch = {
    images: shapeOnly([rows, imageSide, imageSide, channels], "uint8"),
    labels: shapeOnly([rows], "int32"),
  };
  const program = step.graph(state, batch, { learningRate: 0, ...optimizer.scalars(0) });
  const plan = planSharding(specs, mesh, program);

  const remembered = treeEntries<HostTensor>(state.optimizer, isTensor);
  const slotBytes = remembered.reduce((sum, [, { shape, dtype }]) => sum + sizeOf(shape) * bytesPerElement(dtype), 0);
  const averages = averaging ? `, averages ${printBytes(plan.bytesPerRank)}` : "";
  return [
    printPlan(plan),
    "",
    `a rank keeps: parameters ${printBytes(plan.bytesPerRank)}, optimizer ${printBytes(slotBytes)}${averages}; it reads ${rows} of ${batchSize} images`,
  ].join("\n");
}
