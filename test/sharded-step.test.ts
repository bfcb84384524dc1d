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
} from "@vitscale/core";
import {
  createCommunicator,
  createMesh,
  gradientsOnMesh,
  isPartitionSpec,
  joinShards,
  type MeshAxes,
  meshEngine,
  shardTensor,
  shareFeatures,
  simulatedRanks,
  storeOver,
  withStoredParameters,
} from "@vitscale/sharding";
import { adamw, type Labels, type StepParts, softmaxCrossEntropy, type TrainState, trainStep } from "@vitscale/train";
import { apply, init, partitionParameters, type ViTParameters, vit22b } from "@vitscale/vit";
import { expect, it } from "vitest";

type Params = ViTParameters<tf.Tensor>;
type HostState = { params: unknown; optimizer: unknown };

const config = vit22b("mu/8", {
  width: 16,
  depth: 2,
  mlpWidth: 24,
  heads: 4,
  imageSide: 16,
  classes: 3,
  headKernel: "lecun-normal",
});
const batch = 4;
const images = hostTensor(
  "float32",
  [batch, 16, 16, 3],
  Float32Array.from({ length: batch * 16 * 16 * 3 }, (_, i) => Math.sin(i * 0.37)),
);
const labels = hostTensor("int32", [batch], Int32Array.of(0, 2, 1, 2));

const optimizer = adamw({ weightDecay: 0.1 });
const partsOf = (more: Partial<StepParts<Params>>, partition?: nn.Partition): StepParts<Params> => ({
  predict: (params, images) =>
    apply(params, images, config, { keep: () => false, ...(partition && { partition }) }).logits,
  loss: softmaxCrossEntropy,
  optimizer,
  pixels: { mean: 0, deviation: 1 },
  classes: 3,
  // Below the norm, so that clipping matters.
  clipNorm: 0.5,
  ...more,
});
const stepOf = (parts: StepParts<Params>) => {
  const step = trainStep(parts);
  return (state: TrainState<Params>, images: tf.Tensor, labels: tf.Tensor, scalars: Record<string, tf.Tensor>) =>
    step(state, { images, labels: labels as Labels }, { learningRate: tf.scalar(0.01), ...scalars });
};

interface Course {
  readonly losses: number[];
  readonly norms: number[];
  /** Parameters at the end. */
  readonly params: ReadonlyMap<string, HostTensor>;
}

/** Three steps of a compiled step. */
async function follow(
  step: (...args: never[]) => Promise<unknown>,
  params: unknown,
  own: { images: HostTensor; labels: HostTensor },
): Promise<Course> {
  const run = step as unknown as (...args: unknown[]) => Promise<{
    state: HostState;
    metrics: Record<string, { read(): Promise<ArrayLike<number>> }>;
  }>;
  let state: HostState = { params, optimizer: optimizer.initOnHost(params) };
  const course: Course & { params: Map<string, HostTensor> } = { losses: [], norms: [], params: new Map() };
  for (let i = 0; i < 3; i++) {
    const { state: next, metrics } = await run(state, own.images, own.labels, optimizer.scalars(i));
    state = next;
    course.losses.push((await metrics["train/loss"]!.read())[0] as number);
    course.norms.push((await metrics["optim/grad-norm"]!.read())[0] as number);
  }
  for (const [path, leaf] of treeEntries<{ host(): Promise<HostTensor> }>(state.params)) {
    course.params.set(path, await leaf.host());
  }
  return course;
}

async function onMesh(axes: MeshAxes): Promise<Course> {
  const mesh = createMesh(axes);
  const specs = storeOver(partitionParameters(config, axes.model as number), mesh, { leastElements: 64 });
  const layouts = new Map(treeEntries<nn.PartitionSpec>(specs, isPartitionSpec));
  const courses = await Promise.all(
    simulatedRanks(mesh.size).map((transport) => {
      const communicator = createCommunicator(mesh, transport);
      const { rank } = communicator;
      const features = shareFeatures(communicator.group("model"));
      const partition = withStoredParameters(features, specs, communicator.group("data"));
      const step = jit(stepOf(partsOf({ ranks: gradientsOnMesh(specs, communicator) }, partition)), {
        engine: meshEngine(communicator, { engine: tfjsEngine("cpu") }),
        name: "step",
        donate: [0],
      });
      const own = treeMap(
        (leaf: HostTensor, path) => shardTensor(leaf, layouts.get(path) as nn.PartitionSpec, mesh, rank),
        init(config, 1),
        isHostTensor,
      );
      const rows = (tensor: HostTensor) =>
        shardTensor(
          tensor,
          { shape: tensor.shape, axes: tensor.shape.map((_, i) => (i === 0 ? "data" : null)) },
          mesh,
          rank,
        );
      return follow(step, own, { images: rows(images), labels: rows(labels) });
    }),
  );
  for (const { losses, norms } of courses)
    expect({ losses, norms }).toEqual({ losses: courses[0]!.losses, norms: courses[0]!.norms });
  const params = [...layouts].map(([path, spec]) => {
    const parts = courses.map((course) => course.params.get(path) as HostTensor);
    return [path, joinShards(parts, spec, mesh)] as const;
  });
  return { losses: courses[0]!.losses, norms: courses[0]!.norms, params: new Map(params) };
}

it("a train step with AdamW and clipping is the same on a mesh: loss, norm, parameters", {
  timeout: 120_000,
}, async () => {
  const alone = jit(stepOf(partsOf({})), { engine: tfjsEngine("cpu"), name: "step", donate: [0] });
  const expected = await follow(alone, init(config, 1), { images, labels });
  expect(Math.min(...expected.norms)).toBeGreaterThan(0.5);
  const course = await onMesh({ data: 2, model: 2 });
  for (const [i, loss] of course.losses.entries()) expect(loss).toBeCloseTo(expected.losses[i]!, 4);
  for (const [i, norm] of course.norms.entries()) expect(norm / expected.norms[i]!).toBeCloseTo(1, 3);
  for (const [path, { data }] of expected.params) {
    const difference = Math.max(...Array.from(data, (x, i) => Math.abs(x - course.params.get(path)!.data[i]!)));
    // Adam's first steps are the rate in the gradient's direction, so what rounding turns round differs by twice that.
    expect(difference, path).toBeLessThan(path.endsWith("key/bias") ? 0.07 : 2e-3);
  }
});
