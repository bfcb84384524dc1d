import * as tf from "@tensorflow/tfjs-core";
import { type HostTensor, hostTensor, isHostTensor, treeEntries, treeMap } from "@vitscale/core";
import { trainStep } from "@vitscale/train";
import { init, type ViTParameters } from "@vitscale/vit";
import { stepParts } from "../../training/vit-program.ts";
import { firstLosses, type Implementation, taskBatch, taskOf, timed } from "../implementation.ts";
import { importPeer } from "../packages.ts";

/** A backend of TensorFlow.js, the package that registers it, and its threads: in Node, the WebAssembly backend has one. */
interface Backend {
  readonly name: string;
  readonly package: string;
  readonly threads: number | "all";
}

const backends = {
  "tfjs-cpu": { name: "cpu", package: "@tensorflow/tfjs-backend-cpu", threads: 1 },
  "tfjs-wasm": { name: "wasm", package: "@tensorflow/tfjs-backend-wasm", threads: 1 },
  "tfjs-node": { name: "tensorflow", package: "@tensorflow/tfjs-node", threads: "all" },
} as const satisfies Record<string, Backend>;

/** The same training step, run eagerly as any TensorFlow.js program: each operation is computed when it is called. */
export function eagerTfjs(peer: keyof typeof backends): Implementation {
  return async (given) => {
    const task = taskOf(given, "train-step", peer);
    const backend: Backend = backends[peer];
    await importPeer(backend.package);
    if (!(await tf.setBackend(backend.name)))
      throw new Error(`backend ${backend.name} of ${backend.package} failed to start`);
    await tf.ready();

    const parts = stepParts(task.model, { optimizer: { kind: "adamw", weightDecay: task.weightDecay } });
    const step = trainStep<ViTParameters<tf.Tensor>>(parts);
    const { images, labels } = taskBatch(task);
    const batch = { images: tensorOf(images), labels: tensorOf(oneHot(labels, task.model.classes)) };
    const params = treeMap<HostTensor, tf.Tensor, ReturnType<typeof init>>(tensorOf, init(task.model, 0), isHostTensor);
    let state = { params: params as unknown as ViTParameters<tf.Tensor>, optimizer: parts.optimizer.init(params) };
    let count = 0;

    const take = async () => {
      const scalars = { learningRate: task.learningRate, ...parts.optimizer.scalars(count++) };
      const before = state;
      const result = tf.tidy(() => {
        const named = Object.entries(scalars).map(([name, value]) => [name, tf.scalar(value)] as const);
        return step(before, batch, Object.fromEntries(named) as Parameters<typeof step>[2]) as never;
      }) as ReturnType<typeof step>;
      for (const [, tensor] of treeEntries<tf.Tensor>(before)) tensor.dispose();
      state = result.state;
      const [loss] = await result.metrics["train/loss"].data();
      for (const tensor of Object.values(result.metrics)) tensor.dispose();
      return loss as number;
    };

    return {
      version: `tfjs ${tf.version_core}, backend ${backend.name}`,
      threads: backend.threads === "all" ? task.threads : backend.threads,
      check: await firstLosses(take),
      run: async () => [await timed(take)],
    };
  };
}

/**
 * Labels as weights [batch, classes]. The kernel OneHot of tfjs-wasm 4.22 writes integers into its float32 result, whose bits then read
 * as 1e-45, so the classes are spread out here.
 */
function oneHot({ data, shape }: HostTensor<"int32">, classes: number): HostTensor<"float32"> {
  const weights = hostTensor("float32", [...shape, classes]);
  for (const [index, label] of data.entries()) weights.data[index * classes + label] = 1;
  return weights;
}

/** A tensor on the current backend; tfjs has no bytes, so they become integers. */
function tensorOf({ dtype, shape, data }: HostTensor): tf.Tensor {
  if (dtype === "bfloat16") throw new TypeError("the programs that are compared with peers store no bfloat16");
  return dtype === "uint8" ? tf.tensor(Int32Array.from(data), [...shape], "int32") : tf.tensor(data, [...shape], dtype);
}
