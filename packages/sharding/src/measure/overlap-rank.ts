import * as tf from "@tensorflow/tfjs-core";
import { collectives, type DeviceTensor, hostTensor, jit } from "@vitscale/core";
import { createCommunicator } from "../communicator.ts";
import { parallelLinear } from "../linear/linear.ts";
import type { LinearForm } from "../linear/rings.ts";
import { createMesh } from "../mesh.ts";
import { meshEngine } from "../program/engine.ts";
import { linked } from "../transports/linked.ts";
import type { Transport } from "../transports/transport.ts";
import type { OverlapCase, OverlapResult } from "./overlap.ts";

type Times = Record<keyof OverlapResult, number[]>;

/** What each rank of `measureOverlap` does: milliseconds of every call, by form. */
export async function run(
  bare: Transport,
  { layout, ranks, rows, inputs, outputs, link, rounds }: OverlapCase & { readonly rounds: number },
): Promise<Times> {
  const communicator = createCommunicator(createMesh({ model: ranks }), linked(bare, link));
  const group = communicator.group("model");
  const engine = meshEngine(communicator);
  const [n, m] = [inputs / ranks, outputs / ranks];
  const filled = (shape: readonly number[]) =>
    engine.upload(hostTensor("float32", shape, new Float32Array(shape.reduce((a, b) => a * b)).fill(0.01)));
  const x = filled([rows, n]);
  const kernel = filled(layout === "gather" ? [inputs, m] : [n, outputs]);
  const block = filled([rows, layout === "gather" ? n : m]);

  const linear = (form: LinearForm) =>
    jit((x: tf.Tensor, kernel: tf.Tensor) => parallelLinear(x, { kernel }, group, { layout, form }), {
      engine,
      name: form,
    });
  // The products that a ring makes, one of each block, and the hops of a block round the ring.
  const products = jit(
    (x: tf.Tensor, kernel: tf.Tensor) => {
      const parts = tf.split(kernel, ranks, layout === "gather" ? 0 : 1);
      return parts.map((part) => tf.matMul(x, part)).reduce((sum, product) => tf.add(sum, product));
    },
    { engine, name: "products" },
  );
  const hops = jit(
    (block: tf.Tensor) =>
      Array.from({ length: ranks - 1 }).reduce<tf.Tensor>(
        (travelling) => collectives.ringShift(travelling, group),
        block,
      ),
    { engine, name: "hops" },
  );
  const barrier = jit((x: tf.Tensor) => collectives.allReduce(x, group), { engine, name: "barrier" });

  const [plain, ring, bidirectional] = (["plain", "ring", "bidirectional"] as const).map(linear) as [
    ReturnType<typeof linear>,
    ReturnType<typeof linear>,
    ReturnType<typeof linear>,
  ];
  const calls: { readonly [form in keyof Times]: () => Promise<DeviceTensor> } = {
    compute: () => products(x, kernel),
    transfer: () => hops(block),
    plain: () => plain(x, kernel),
    ring: () => ring(x, kernel),
    bidirectional: () => bidirectional(x, kernel),
  };
  const times: Times = { compute: [], transfer: [], plain: [], ring: [], bidirectional: [] };
  for (let round = -1; round < rounds; round++) {
    for (const form of Object.keys(calls) as (keyof Times)[]) {
      // All ranks begin together.
      (await barrier(1)).dispose();
      const start = performance.now();
      (await calls[form]()).dispose();
      // The first round compiles.
      if (round >= 0) times[form].push(performance.now() - start);
    }
  }
  return times;
}
