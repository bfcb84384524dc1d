import type * as tf from "@tensorflow/tfjs-core";
import { type nn, treeFlatten, treeUnflatten } from "@vitscale/core";
import {
  createCommunicator,
  createMesh,
  isPartitionSpec,
  type LinearForm,
  linked,
  localShape,
  shareFeatures,
  type Transport,
  timeInRounds,
} from "@vitscale/sharding";
import { apply, partitionParameters, type ViTConfig, type ViTParameters, vit22b } from "@vitscale/vit";
import type { BlockCase, BlockMeasurement } from "./order.ts";

const tokensAlongSide = 16;
const patchSide = 4;

/** Times the encoder of both kinds as one of the ranks of a transport; all of them call it, and get the same. */
export async function timeBlocks(transport: Transport, given: BlockCase, rounds: number): Promise<BlockMeasurement> {
  const { ranks, link } = given;
  const mesh = createMesh({ model: ranks });
  const communicator = createCommunicator(mesh, link ? linked(transport, link) : transport);
  const contestant = (block: ViTConfig["block"], form: LinearForm) => {
    const config = configOf(given, block);
    const specs = treeFlatten<nn.PartitionSpec>(partitionParameters(config, ranks), isPartitionSpec);
    const partition = shareFeatures(communicator.group("model"), { form });
    const side = tokensAlongSide * patchSide;
    return {
      shapes: [[given.images, side, side, 3], ...specs.leaves.map((spec) => localShape(spec, mesh))],
      compute([images, ...leaves]: readonly tf.Tensor[]) {
        const params = treeUnflatten(specs.structure, leaves) as ViTParameters<tf.Tensor>;
        return apply(params, images as tf.Tensor, config, { keep: () => false, partition }).logits;
      },
    };
  };
  const contestants = {
    "parallel, ring": contestant("parallel", "ring"),
    "sequential, ring": contestant("sequential", "ring"),
    "parallel, plain": contestant("parallel", "plain"),
    "sequential, plain": contestant("sequential", "plain"),
  };
  return { case: given, times: await timeInRounds(communicator, contestants, rounds) };
}

/** A model with little beside its blocks: 256 tokens of small patches, mean pooling, few classes. */
function configOf({ width, heads, depth }: BlockCase, block: ViTConfig["block"]): ViTConfig {
  const size = { width, heads, depth, mlpWidth: 4 * width, imageSide: tokensAlongSide * patchSide, classes: 16 };
  return vit22b(`mu/${patchSide}`, { ...size, pooling: "gap", block, fusedOutput: block === "parallel" });
}
