import { isDeepStrictEqual } from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { type HostTensor, hostTensor, jit, tfjsEngine } from "@vitscale/core";
import { definitions, operandOf } from "../../../collectives/testing/definitions.ts";
import { createCommunicator } from "../../../communicator.ts";
import { createMesh } from "../../../mesh.ts";
import { agreeOnStart } from "../../../program/agreement.ts";
import { meshEngine } from "../../../program/engine.ts";
import type { Transport } from "../../transport.ts";

/** What a rank found. */
export interface CollectiveOutcome {
  /** How many results, eager and compiled, followed their definitions; and the names of those that did not. */
  readonly right: number;
  readonly wrong: string[];
  /** What the rank was told when ranks were started with different configurations. */
  readonly refusal: string;
}

/** Calls every collective on this rank, blocking and compiled, with messages that fit in an envelope and some that do not. */
export async function checkCollectives(transport: Transport): Promise<CollectiveOutcome> {
  const engine = tfjsEngine("cpu");
  await tf.setBackend("cpu");
  const { rank, size } = transport;
  const communicator = createCommunicator(createMesh({ model: size }), transport);
  const group = communicator.group("model");
  const wrong: string[] = [];
  let right = 0;
  const compare = (name: string, result: HostTensor, expected: HostTensor) => {
    if (isDeepStrictEqual(result, expected)) right++;
    else wrong.push(name);
  };
  for (const [name, { f, expected }] of Object.entries(definitions)) {
    for (const rows of [3, 900]) {
      const shape = [rows, 2 * size];
      const all = Array.from({ length: size }, (_, r) => operandOf(r, shape));
      const own = all[rank] as HostTensor;
      const eager = f(tf.tensor(own.data as Float32Array, [...shape]), group);
      compare(
        `${name}, eager`,
        hostTensor("float32", eager.shape, eager.dataSync() as Float32Array),
        expected(all, rank),
      );
      const compiled = jit((x: tf.Tensor) => f(x, group), { engine: meshEngine(communicator, { engine }), name });
      compare(`${name}, compiled`, await (await compiled(own)).host(), expected(all, rank));
    }
  }
  let refusal = "";
  try {
    await agreeOnStart(communicator, { configuration: rank === 1 ? "another" : "the same" });
  } catch (error) {
    refusal = (error as Error).message;
  }
  return { right, wrong, refusal };
}
