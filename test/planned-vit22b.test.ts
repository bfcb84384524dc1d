import * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, jit, type nn, treeMap, valueAndGrad } from "@vitscale/core";
import {
  createMesh,
  cutProgram,
  isPartitionSpec,
  type LinearForm,
  localShape,
  meshRank,
  planSharding,
  predict,
  printPlan,
  shapeOnly,
  shareFeatures,
  storeOver,
  trafficOfProgram,
} from "@vitscale/sharding";
import {
  apply,
  modelFlopsPerToken,
  partitionParameters,
  type ViTConfig,
  type ViTParameters,
  vit22b,
} from "@vitscale/vit";
import { describe, expect, it } from "vitest";

type Params = ViTParameters<tf.Tensor>;

/** The first rank's program for images of ViT-22B's size, without a byte of its parameters. */
function record(config: ViTConfig, ranks: number, images: number, isTraining = false, form: LinearForm = "ring") {
  const mesh = createMesh({ model: ranks });
  const partition = shareFeatures(meshRank(mesh, 0).group("model"), { form });
  const shapes = treeMap(
    (spec: nn.PartitionSpec) => shapeOnly(localShape(spec, mesh)),
    partitionParameters(config, ranks),
    isPartitionSpec,
  ) as ViTParameters<DeviceTensor>;
  const logits = (params: Params, batch: tf.Tensor) =>
    apply(params, batch, config, { keep: () => false, partition }).logits;
  const loss = (params: Params, batch: tf.Tensor) => tf.sum(logits(params, batch));
  const batch = shapeOnly([images, config.imageSide, config.imageSide, 3]);
  return isTraining ? jit(valueAndGrad(loss)).graph(shapes, batch) : jit(logits).graph(shapes, batch);
}

/** Elements that a rank sends round the ring for one token in one block. */
function perTokenAndBlock(config: ViTConfig, ranks: number, isTraining = false): number {
  const sent = (depth: number) =>
    trafficOfProgram(record({ ...config, depth }, ranks, 2, isTraining))
      .filter(({ operation }) => operation === "collectivePermute")
      .reduce((sum, { bytes }) => sum + bytes, 0);
  return (sent(2) - sent(1)) / 4 / (2 * 256);
}

describe("ViT-22B on a mesh, before anything runs", () => {
  it.each([
    [2, 6144],
    [4, 9216],
    [8, 10752],
    [16, 11520],
  ])("sends 2·d·(k − 1)/k elements a token and block on %i ranks: %i", (ranks, elements) => {
    expect(perTokenAndBlock(vit22b(), ranks)).toBe(elements);
  });

  it("sends half of what a sequential block of the same size does", () => {
    const sequential: ViTConfig = { ...vit22b(), block: "sequential", fusedOutput: false };
    // In and out of attention, in and out of the MLP.
    expect(perTokenAndBlock(sequential, 4)).toBe(2 * 9216);
  });

  it("sends 5·d·(k − 1)/k in a training step", () => {
    // Forward a gather and a reduction; backward, the output's dy is gathered for both of its gradients, the input's dx is reduced and
    // its x gathered again.
    expect(perTokenAndBlock(vit22b(), 4, true)).toBe((5 / 2) * 9216);
  });

  it("fits: a rank of 64 × 16 stores 90 MB of 89 GB", () => {
    const mesh = createMesh({ data: 64, model: 16 });
    const specs = storeOver(partitionParameters(vit22b(), 16), mesh);
    const plan = planSharding(specs, mesh);
    const lines = printPlan(plan, { rank: 17 }).split("\n");
    expect(lines[0]).toBe("mesh data=64,model=16: 1024 ranks; rank 17 is data 1, model 1");
    expect(lines.find((line) => line.startsWith("encoder/block00/in/kernel"))?.replace(/ +/g, " ")).toBe(
      "encoder/block00/in/kernel [6144,43008] [96,2688] 96…191 × 384…767+6528…6911+12672…13055+19968…21503",
    );
    expect(lines.at(-1)).toBe("parameters: 88.8 GB, of which a rank has 89.7 MB");
  });

  it("trains at the paper's utilisation where products reach three quarters of the peak, and rings beat gathering first", () => {
    // TPUv4: 275 TFLOP/s, 1.2 TB/s of memory, 45 GB/s a link and direction; bfloat16 moves half the bytes of the float32 recorded.
    const [peak, images] = [275e12, 16];
    const machine = {
      device: { productFlops: 0.75 * peak, bytesPerSecond: 2 * 1.2e12 },
      links: { model: { bytesPerSecond: 2 * 45e9, latency: 2e-6 } },
    };
    const utilisation = (ranks: number, form: LinearForm) => {
      const seconds = (depth: number) =>
        predict(cutProgram(record({ ...vit22b(), depth }, ranks, images * ranks, true, form)), machine).seconds;
      const flops = (modelFlopsPerToken(vit22b()) / 48) * 256 * images;
      return flops / (seconds(2) - seconds(1)) / peak;
    };
    expect(utilisation(4, "ring")).toBeCloseTo(0.549, 2);
    expect(utilisation(8, "ring")).toBeGreaterThan(1.1 * utilisation(8, "plain"));
  });
});
