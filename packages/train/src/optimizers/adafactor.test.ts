import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { hostTensor, jit } from "@vitscale/core";
import { beforeAll, describe, expect, it } from "vitest";
import { adafactor } from "./adafactor.ts";
import type { Optimizer } from "./optimizer.ts";

beforeAll(() => tf.setBackend("cpu"));

/** The directions of updates from zero state: what the parameter loses at rate 1. */
function directions(optimizer: Optimizer, gradients: readonly tf.Tensor[]): number[][] {
  const zero = { kernel: tf.zerosLike(gradients[0]!) };
  let state = optimizer.init(zero);
  return gradients.map((kernel, step) => {
    const numbers = Object.entries({ learningRate: 1, ...optimizer.scalars(step) });
    const scalars = Object.fromEntries(numbers.map(([name, value]) => [name, tf.scalar(value)]));
    const updated = optimizer.update({ kernel }, state, zero, scalars as never);
    state = updated.state;
    return Array.from(tf.neg(updated.params.kernel).dataSync());
  });
}

function expectClose(actual: readonly number[], expected: readonly number[], digits: number): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, digits);
}

describe("big_vision's Adafactor", () => {
  it("factors a 2 × 2 matrix as computed by hand", () => {
    const [first] = directions(adafactor({ smallestFactoredSide: 2 }), [tf.tensor2d([1, 2, 3, 4], [2, 2])]);
    expectClose(first!, [0.07746, 0.109545, 0.103923, 0.09798], 6);
  });

  it("makes the golden updates of Optax over two steps", () => {
    const q = tf.tensor2d([0.5, 1, -0.25, -1, 2, 0.1], [2, 3]);
    const optimizer = adafactor({ smallestFactoredSide: 2, firstMoment: "float32" });
    const [first, second] = directions(optimizer, [q, tf.mul(q, 2)]);
    expectClose(first!, [0.0981544, 0.0981544, -0.203782, -0.1004779, 0.1004779, 0.0417212], 6);
    expectClose(second!, [0.207302, 0.207302, -0.4303874, -0.2122093, 0.2122093, 0.0881151], 6);
  });

  it("leaves a row without gradients alone beside very large ones", () => {
    const rows = tf.tensor2d([0, 0, 1e5, -1e5], [2, 2]);
    const [first] = directions(adafactor({ smallestFactoredSide: 2, firstMoment: "float32" }), [rows]);
    expect(first!.slice(0, 2).map(Math.abs)).toEqual([0, 0]);
    expect(first!.every(Number.isFinite)).toBe(true);
  });

  it("lets the decay of the second moment grow to its cap", () => {
    const decayAt = (step: number) => adafactor().scalars(step).adafactorDecay!;
    expectClose([0, 1, 9, 99, 999].map(decayAt), [0, 0.425651, 0.841511, 0.974881, 0.996019], 6);
    expect(decayAt(5621)).toBeLessThan(0.999);
    expect(decayAt(5623)).toBe(0.999);
    expect(adafactor({ beta2Cap: 0.95 }).scalars(100).adafactorDecay).toBe(0.95);
  });

  it("holds 16 bits for each parameter and two vectors for each matrix whose sides are long enough", () => {
    const params = {
      kernel: hostTensor("float32", [64, 32]),
      patch: hostTensor("float32", [31, 64]),
      bias: hostTensor("float32", [64]),
    };
    const slots = adafactor().initOnHost(params);
    const summary = Object.entries(slots).map(([name, held]) => [
      name,
      Object.fromEntries(Object.entries(held).map(([slot, { dtype, shape }]) => [slot, `${dtype}[${shape}]`])),
    ]);
    expect(Object.fromEntries(summary)).toEqual({
      // The longest axis, of 64, is averaged over for the row moment.
      kernel: { firstMoment: "bfloat16[64,32]", rowMoment: "float32[32]", columnMoment: "float32[64]" },
      patch: { firstMoment: "bfloat16[31,64]", secondMoment: "float32[31,64]" },
      bias: { firstMoment: "bfloat16[64]", secondMoment: "float32[64]" },
    });
  });

  it("keeps its 16 bits in the engine's memory from step to step", async () => {
    const optimizer = adafactor();
    const params = { kernel: hostTensor("float32", [32, 40], new Float32Array(1280).fill(1)) };
    const step = jit(optimizer.update<{ kernel: tf.Tensor }>, { donate: [1, 2], name: "adafactor" });
    const gradient = {
      kernel: hostTensor(
        "float32",
        [32, 40],
        Float32Array.from({ length: 1280 }, (_, i) => i - 600),
      ),
    };
    const scalars = (at: number) => ({ learningRate: 1e-2, ...optimizer.scalars(at) });
    const first = await step(gradient, optimizer.initOnHost(params), params, scalars(0));
    const second = await step(gradient, first.state, first.params, scalars(1));
    const { firstMoment, rowMoment } = second.state.kernel!;
    expect([firstMoment!.dtype, rowMoment!.dtype]).toEqual(["bfloat16", "float32"]);
    const bits = await firstMoment!.read();
    expect(bits).toBeInstanceOf(Uint16Array);
    // The gradient is constant, so u is sign-like and M = 0.1·u + 0.09·u' has its sign everywhere.
    const signs = Array.from(bits, (word) => word >> 15);
    expect(signs).toEqual(Array.from({ length: 1280 }, (_, i) => Number(i < 600)));
    await step.dispose();
  });
});
