import * as tf from "@tensorflow/tfjs-core";
import { collectives, sizeOf } from "@vitscale/core";
import { createCommunicator } from "../communicator.ts";
import { createMesh } from "../mesh.ts";
import type { MachineSamples, Sample } from "../model/calibrate.ts";
import { linked } from "../transports/linked.ts";
import type { Transport } from "../transports/transport.ts";
import type { Part } from "./layer-parts.ts";
import type { OverlapCase } from "./overlap.ts";
import { timeInRounds } from "./rounds.ts";

const float = 4;

/**
 * Times what a prediction of a layer is made of, on all ranks at once: products of the sizes concerned (of a block, half a block, the
 * whole), a sum of two results, and messages of a block and of less. All ranks call it; returns the same on every rank.
 */
export async function timeMachine(
  transport: Transport,
  { layout, ranks, rows, inputs, outputs, link }: OverlapCase,
  rounds: number,
): Promise<MachineSamples> {
  const communicator = createCommunicator(createMesh({ model: ranks }), link ? linked(transport, link) : transport);
  const group = communicator.group("model");
  const [n, m] = [inputs / ranks, outputs / ranks];
  const shapes: readonly (readonly [inner: number, columns: number])[] =
    layout === "gather" ? [[n / 2, m], [n, m], [inputs, m]] : [[n, m / 2], [n, m], [n, outputs]]; // biome-ignore format: a row each
  const block = rows * (layout === "gather" ? n : m);

  const contests: Record<string, Part & { readonly kind: keyof MachineSamples; readonly size: number }> = {};
  for (const [inner, columns] of shapes) {
    contests[`product of ${inner}×${columns}`] = {
      kind: "products",
      size: 2 * rows * inner * columns,
      shapes: [
        [rows, inner],
        [inner, columns],
      ],
      compute: ([a, b]) => tf.matMul(a as tf.Tensor, b as tf.Tensor),
    };
  }
  for (const part of [1 / 2, 1]) {
    const shape = [rows, m * part];
    contests[`sum of ${part}`] = {
      kind: "sums",
      size: 3 * sizeOf(shape) * float,
      shapes: [shape, shape],
      compute: ([a, b]) => tf.add(a as tf.Tensor, b as tf.Tensor),
    };
  }
  for (const part of [1 / 8, 1 / 2, 1]) {
    contests[`message of ${part}`] = {
      kind: "messages",
      size: part * block * float,
      shapes: [[part * block]],
      compute: ([x]) => collectives.ringShift(x as tf.Tensor, group),
    };
  }
  const times = await timeInRounds(communicator, contests, rounds);
  const samplesOf = (kind: keyof MachineSamples): Sample[] =>
    Object.entries(contests)
      .filter(([, contest]) => contest.kind === kind)
      .map(([name, { size }]) => ({ size, seconds: middle(times[name] as number[]) / 1e3 }));
  return { products: samplesOf("products"), sums: samplesOf("sums"), messages: samplesOf("messages") };
}

const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] as number;
