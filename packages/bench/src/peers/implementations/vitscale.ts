import * as tf from "@tensorflow/tfjs-core";
import { type CompileReport, defaultEngine, type Engine, hostTensor, jit } from "@vitscale/core";
import { normalizeImages, unitRange } from "@vitscale/train";
import { init, type ViTConfig, type ViTParameters } from "@vitscale/vit";
import { predictor, vitProgram } from "../../training/vit-program.ts";
import { firstLosses, type Implementation, type Prepared, taskBatch, timed } from "../implementation.ts";
import type { Product, Task } from "../protocol.ts";

/** This project: the jitted step of the trainer, the jitted forward pass, jitted products. */
export const vitscale: Implementation = async (task) => {
  const engine = defaultEngine();
  const { name, reason } = engine.describe();
  const about = { version: `vitscale, engine ${name} (${reason})`, threads: task.threads };
  switch (task.kind) {
    case "train-step":
      return { ...about, ...(await trainStepOf(task, engine)) };
    case "inference":
      return { ...about, ...(await inferenceOf(task, engine)) };
    case "products":
      return { ...about, ...(await productsOf(task.products, engine)) };
    default:
      return task satisfies never;
  }
};

type Work = Omit<Prepared, "version" | "threads">;

async function trainStepOf(task: Extract<Task, { kind: "train-step" }>, engine: Engine): Promise<Work> {
  const { model, learningRate, weightDecay, rematerialize } = task;
  let compiled: CompileReport | undefined;
  const program = vitProgram(model, {
    ...{ engine, optimizer: { kind: "adamw", weightDecay }, ...(rematerialize && { rematerialize }) },
    onCompile: (report) => (compiled = report),
  });
  const batch = taskBatch(task);
  let state = await program.begin(0);
  let count = 0;
  const step = async () => {
    const result = await program.step(state, batch, { learningRate, count: count++ });
    state = result.state;
    return result.loss;
  };
  return {
    check: await firstLosses(step),
    ...(compiled && { parts: compileParts(compiled) }),
    run: async () => [await timed(step)],
    finish: async () => {
      await program.dispose();
      return {};
    },
  };
}

async function inferenceOf(task: Extract<Task, { kind: "inference" }>, engine: Engine): Promise<Work> {
  const model = jit(forward(task.model), { engine, name: "inference" });
  const { images } = taskBatch(task);
  const params = await upload(init(task.model, 0), engine);
  const infer = async () => {
    const logits = await model(params, images);
    const values = await logits.read();
    logits.dispose();
    return values;
  };
  return {
    check: Array.from((await infer()).subarray(0, task.model.classes), Number),
    run: async () => [await timed(infer)],
  };
}

async function productsOf(products: readonly Product[], engine: Engine): Promise<Work> {
  const runs = products.map(({ rows, inner, columns }) => {
    const product = jit((a: tf.Tensor, b: tf.Tensor) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D), { engine });
    const matrix = (shape: readonly [number, number]) =>
      engine.upload(hostTensor("float32", shape, new Float32Array(shape[0] * shape[1]).fill(1)));
    const [a, b] = [matrix([rows, inner]), matrix([inner, columns])];
    return async () => (await product(a, b)).dispose();
  });
  for (const run of runs) await run();
  return {
    check: [],
    async run() {
      const times: number[] = [];
      for (const run of runs) times.push(await timed(run));
      return times;
    },
  };
}

/** Logits of byte images [batch, side, side, channels]. */
export function forward(config: ViTConfig) {
  const predict = predictor(config);
  return (params: ViTParameters<tf.Tensor>, images: tf.Tensor) => predict(params, normalizeImages(images, unitRange));
}

/** Milliseconds of recording, passes and session. */
export function compileParts({ recordMilliseconds, simplifyMilliseconds, compileMilliseconds }: CompileReport) {
  return { record: recordMilliseconds, simplify: simplifyMilliseconds, compile: compileMilliseconds };
}

/** Parameters in the engine's memory, where they stay between calls. */
async function upload(params: ReturnType<typeof init>, engine: Engine) {
  const { treeMap, isHostTensor } = await import("@vitscale/core");
  return treeMap((leaf: Parameters<Engine["upload"]>[0]) => engine.upload(leaf), params, isHostTensor) as never;
}
