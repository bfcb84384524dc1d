import * as tf from "@tensorflow/tfjs-core";
import {
  type HostTensor,
  hostTensor,
  isHostTensor,
  jit,
  type nn,
  tfjsEngine,
  treeEntries,
  treeMap,
  valueAndGrad,
} from "@vitscale/core";
import {
  createCommunicator,
  createMesh,
  isPartitionSpec,
  joinShards,
  type LinearForm,
  type MeshAxes,
  meshEngine,
  reduceGradients,
  shardTensor,
  shareFeatures,
  simulatedRanks,
  storeOver,
  withStoredParameters,
} from "@vitscale/sharding";
import { apply, init, partitionParameters, type ViTConfig, type ViTParameters, vit22b, vitG } from "@vitscale/vit";
import { expect, it } from "vitest";

type Params = ViTParameters<tf.Tensor>;
type HostParams = ViTParameters<HostTensor<"float32">>;

const small = { width: 16, depth: 2, mlpWidth: 24, heads: 4, imageSide: 16, classes: 3 } as const;

const models: [string, ViTConfig][] = [
  ["ViT-22B: parallel, fused, RMS norms, QK norm, MAP head", vit22b("mu/8", small)],
  [
    "every bias, unfused, mean of tokens",
    vit22b("mu/8", {
      ...small,
      fusedInput: false,
      fusedOutput: false,
      pooling: "gap",
      norm: "layer",
      biases: { qkv: true, norm: true },
    }),
  ],
  [
    "ViT-G: sequential, layer norms, token, norms before and after",
    vitG("mu/8", {
      ...small,
      pooling: "tok",
      fusedInput: true,
      qkNorm: "layer",
      embeddingNorm: true,
      finalNorm: "pooled",
    }),
  ],
];

const cases: [MeshAxes, LinearForm][] = [
  [{ data: 1, model: 4 }, "ring"],
  [{ data: 1, model: 4 }, "bidirectional"],
  [{ data: 2, model: 2 }, "plain"],
  [{ data: 4, model: 1 }, "ring"],
];

/** Parameters off their initial values, so that biases, scales and the classifier matter. */
const paramsOf = (config: ViTConfig): HostParams =>
  treeMap(
    (leaf: HostTensor<"float32">, path) =>
      hostTensor(
        "float32",
        leaf.shape,
        leaf.data.map((value, i) => value + 0.2 * Math.sin(i * 1.7 + path.length)),
      ),
    init(config, 1),
    isHostTensor,
  ) as HostParams;

const batch = 4;
const images = hostTensor(
  "float32",
  [batch, 16, 16, 3],
  Float32Array.from({ length: batch * 16 * 16 * 3 }, (_, i) => Math.sin(i * 0.37)),
);
const weights = Float32Array.of(0.3, -0.7, 0.9);

/** Loss of a batch: a smooth function of the logits that tells classes and images apart. */
const lossOf =
  (config: ViTConfig, partition?: nn.Partition) => (params: Params, images: tf.Tensor, factor: tf.Tensor) => {
    const { logits } = apply(params, images, config, { keep: () => false, ...(partition && { partition }) });
    const terms = tf.mul(tf.square(logits), tf.tensor1d(weights));
    return tf.mul(tf.mean(tf.sum(terms, 1)), factor) as tf.Scalar;
  };

interface Outcome {
  readonly value: number;
  readonly gradients: ReadonlyMap<string, HostTensor>;
}

async function hostOutcome({
  value,
  gradients,
}: {
  value: { read(): Promise<ArrayLike<number>> };
  gradients: unknown;
}) {
  const entries = treeEntries<{ host(): Promise<HostTensor> }>(gradients);
  return {
    value: (await value.read())[0] as number,
    gradients: new Map(await Promise.all(entries.map(async ([path, leaf]) => [path, await leaf.host()] as const))),
  };
}

async function onOneRank(config: ViTConfig, params: HostParams): Promise<Outcome> {
  const step = jit(valueAndGrad(lossOf(config)), { engine: tfjsEngine("cpu") });
  return hostOutcome(await step(params, images, 1));
}

/** The same on a mesh: batches along `data`, features along `model`. */
async function onMesh(config: ViTConfig, params: HostParams, axes: MeshAxes, form: LinearForm): Promise<Outcome> {
  const mesh = createMesh(axes);
  const specs = partitionParameters(config, axes.model as number);
  const layouts = new Map(treeEntries<nn.PartitionSpec>(specs, isPartitionSpec));
  const shard = (rank: number) =>
    treeMap(
      (leaf: HostTensor, path) => shardTensor(leaf, layouts.get(path) as nn.PartitionSpec, mesh, rank),
      params,
      isHostTensor,
    ) as HostParams;
  const outcomes = await Promise.all(
    simulatedRanks(mesh.size).map(async (transport) => {
      const communicator = createCommunicator(mesh, transport);
      const partition = shareFeatures(communicator.group("model"), { form });
      const differentiate = valueAndGrad(lossOf(config, partition));
      const step = jit(
        (params: Params, images: tf.Tensor, factor: tf.Tensor) => {
          const { value, gradients } = differentiate(params, images, factor);
          return { value, gradients: reduceGradients(gradients, specs, communicator, { bucketBytes: 2_000 }) };
        },
        { engine: meshEngine(communicator, { engine: tfjsEngine("cpu") }) },
      );
      const spec = { shape: images.shape, axes: ["data", null, null, null] };
      const own = shardTensor(images, spec, mesh, communicator.rank);
      // Every rank's loss is its share of the whole.
      return hostOutcome(await step(shard(communicator.rank), own, 1 / mesh.size));
    }),
  );
  const gradients = [...layouts].map(([path, spec]) => {
    const parts = outcomes.map((outcome) => outcome.gradients.get(path) as HostTensor);
    return [path, joinShards(parts, spec, mesh)] as const;
  });
  return { value: outcomes.reduce((sum, { value }) => sum + value, 0), gradients: new Map(gradients) };
}

function expectClose(given: Outcome, expected: Outcome): void {
  expect(given.value).toBeCloseTo(expected.value, 4);
  for (const [path, { data, shape }] of expected.gradients) {
    const own = given.gradients.get(path) as HostTensor;
    expect(own.shape, path).toEqual(shape);
    const largest = Math.max(1e-3, ...Array.from(data, Math.abs));
    const difference = Math.max(...Array.from(data, (x, i) => Math.abs(x - own.data[i]!)));
    expect(difference / largest, path).toBeLessThan(1e-4);
    // Softmax does not see what is added to all keys.
    if (!path.endsWith("key/bias")) expect(largest, `${path} has a gradient`).toBeGreaterThan(1e-3);
  }
}

it.each(models)(
  "%s: has the loss and the gradients of one rank on a mesh",
  async (_name, config) => {
    const params = paramsOf(config);
    expectClose(await onMesh(config, params, { data: 2, model: 2 }, "ring"), await onOneRank(config, params));
  },
  120_000,
);

it("has them on every mesh and in every form", async () => {
  const [, config] = models[0]!;
  const params = paramsOf(config);
  const expected = await onOneRank(config, params);
  for (const [axes, form] of cases) expectClose(await onMesh(config, params, axes, form), expected);
}, 120_000);

it("says by how many ranks a model can be shared", () => {
  expect(() => partitionParameters(vit22b("mu/8", small), 3)).toThrow(
    "3 ranks cannot share heads 4 equally, and no head is split; this model can be shared by 1, 2, 4",
  );
});

/** SGD for some steps; the losses before each update. */
async function train(
  axes: MeshAxes,
  { isStored = false, rematerialize }: { isStored?: boolean; rematerialize?: "block" },
) {
  const [, config] = models[0]!;
  const mesh = createMesh(axes);
  const features = partitionParameters(config, axes.model as number);
  const specs = isStored ? storeOver(features, mesh, { leastElements: 64 }) : features;
  const layouts = new Map(treeEntries<nn.PartitionSpec>(specs, isPartitionSpec));
  const losses = await Promise.all(
    simulatedRanks(mesh.size).map(async (transport) => {
      const communicator = createCommunicator(mesh, transport);
      const features = shareFeatures(communicator.group("model"));
      const partition = isStored ? withStoredParameters(features, specs, communicator.group("data")) : features;
      const differentiate = valueAndGrad(lossOf(config, partition));
      const step = jit(
        (params: Params, images: tf.Tensor) => {
          const { value, gradients } = differentiate(params, images, tf.scalar(1 / mesh.size));
          const summed = new Map(treeEntries<tf.Tensor>(reduceGradients(gradients, specs, communicator)));
          const updated = treeMap(
            (leaf: tf.Tensor, path) => tf.sub(leaf, tf.mul(summed.get(path) as tf.Tensor, 0.02)),
            params,
          );
          return { params: updated, value };
        },
        { engine: meshEngine(communicator), donate: [0], ...(rematerialize && { rematerialize }) },
      );
      const shard = (leaf: HostTensor, path: string) =>
        shardTensor(leaf, layouts.get(path) as nn.PartitionSpec, mesh, communicator.rank);
      const spec = { shape: images.shape, axes: ["data", null, null, null] };
      const own = shardTensor(images, spec, mesh, communicator.rank);
      let params: unknown = treeMap(shard, paramsOf(config), isHostTensor);
      const values: number[] = [];
      for (let i = 0; i < 3; i++) {
        const result = await step(params as HostParams, own);
        params = result.params;
        values.push((await result.value.read())[0] as number);
      }
      await step.dispose();
      return values;
    }),
  );
  const stored = [...layouts.values()].filter(({ axes }) => axes.includes("data")).length;
  return { losses: losses[0]!.map((_, i) => losses.reduce((sum, values) => sum + values[i]!, 0)), stored };
}

it("trains alike on ONNX Runtime: on one rank, on a mesh, with parameters stored in pieces, gathered again", async () => {
  const { losses: expected } = await train({ data: 1, model: 1 }, {});
  expect(expected[2]).toBeLessThan(0.95 * expected[0]!);
  const runs = [
    await train({ data: 2, model: 2 }, { isStored: true }),
    await train({ data: 4, model: 1 }, { isStored: true, rematerialize: "block" }),
  ];
  for (const { stored } of runs) expect(stored).toBeGreaterThan(10);
  for (const { losses } of runs)
    for (const [i, loss] of losses.entries()) expect(loss / expected[i]!).toBeCloseTo(1, 3);
}, 180_000);
