import * as tf from "@tensorflow/tfjs-core";
import { collectives, hostTensor, jit, valueAndGrad } from "@vitscale/core";
import { createCommunicator } from "../communicator.ts";
import { createMesh } from "../mesh.ts";
import { meshEngine } from "../program/engine.ts";
import type { Transport } from "../transports/transport.ts";

/** What a rank computed, and how it failed where it was to fail. */
export interface EagerOutcome {
  readonly value: number;
  readonly gradient: number[];
  readonly compiled: number[];
  readonly mistakes: string[];
}

/** A loss over a ring of products, eagerly and compiled for ONNX Runtime, and mistakes at the end. */
export async function run(transport: Transport): Promise<EagerOutcome> {
  await tf.setBackend("cpu");
  const mesh = createMesh({ model: transport.size });
  const communicator = createCommunicator(mesh, transport);
  const group = communicator.group("model");
  const loss = (x: tf.Tensor) => {
    const gathered = collectives.allGather(x, group, 0);
    return tf.mean(tf.square(tf.matMul(gathered, collectives.ringShift(gathered, group), true))) as tf.Scalar;
  };
  const x = hostTensor(
    "float32",
    [2, 2],
    Float32Array.of(1, 2, 3, 4).map((v) => v + transport.rank),
  );
  const eager = valueAndGrad(loss)(tf.tensor2d(x.data as Float32Array, [2, 2]));
  const step = jit((x: tf.Tensor) => valueAndGrad(loss)(x).gradients, { engine: meshEngine(communicator) });
  const compiled = await step(x);

  const { rank } = transport;
  const x1 = tf.zeros([1]);
  const mistakes = [
    // In the first three, some rank exchanges nothing.
    () => collectives.broadcastFrom(x1, group, rank),
    () => collectives.reduceTo(x1, group, rank),
    () => collectives.collectivePermute(x1, group, rank === 0 ? [[0, 1]] : [[1, 1]]),
    () => collectives.allReduce(tf.zeros([rank + 1]), group),
  ].map(problemOf);
  return {
    value: eager.value.dataSync()[0] as number,
    gradient: [...eager.gradients.dataSync()],
    compiled: [...(await compiled.read())],
    mistakes,
  };
}

function problemOf(mistaken: () => tf.Tensor): string {
  try {
    mistaken();
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
}
