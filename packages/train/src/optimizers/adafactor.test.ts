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

/** The nearest of the numbers that are multiples of 2⁻⁷ of their power of two. */
function rounded(value: number): number {
  const unit = 2 ** (Math.floor(Math.log2(value)) - 7);
  return Math.round(value / unit) * unit;
}

/** Updates of a 2 × 2 matrix without a first moment and with a cap of 0.99, number by number. */
function byNumbers(
  gradients: readonly (readonly number[])[],
  { isFactored, secondMoment }: { readonly isFactored: boolean; readonly secondMoment: "float32" | "bfloat16" },
): number[][] {
  const keep = secondMoment === "bfloat16" ? rounded : (value: number) => value;
  let moments = [0, 0, 0, 0];
  return gradients.map((gradient, step) => {
    const decay = Math.min(0.99, 1 - (step + 1) ** -0.8);
    const [a, b, c, d] = gradient.map((value) => value ** 2) as [number, number, number, number];
    // Rows' means, then columns'; of two sides of one length, the last counts as the longest.
    const means = isFactored ? [(a + b) / 2, (c + d) / 2, (a + c) / 2, (b + d) / 2] : [a, b, c, d];
    const now = moments.map((old, i) => decay * old + (1 - decay) * means[i]!);
    moments = now.map(keep);
    if (!isFactored) return gradient.map((value, i) => value / Math.sqrt(now[i]!));
    const [first, second, left, right] = now as [number, number, number, number];
    const ofRows = [first, second].map((row) => row / ((first + second) / 2));
    return gradient.map((value, i) => value / Math.sqrt(ofRows[Math.floor(i / 2)]! * [left, right][i % 2]!));
  });
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

  it("holds its second moment in 16 bits where that is asked for", () => {
    const params = { kernel: hostTensor("float32", [64, 32]), bias: hostTensor("float32", [64]) };
    const { kernel, bias } = adafactor({ secondMoment: "bfloat16" }).initOnHost(params);
    expect([kernel?.rowMoment?.dtype, kernel?.columnMoment?.dtype]).toEqual(["bfloat16", "bfloat16"]);
    expect([bias?.firstMoment?.dtype, bias?.secondMoment?.dtype]).toEqual(["bfloat16", "bfloat16"]);
  });

  // Each with a rhythm of its own; small integers, whose squares and sums are exact in any precision.
  const waves = Array.from({ length: 40 }, (_, step) =>
    [1, -2, 4, 8].map((size, i) => size * (1 + ((step * (i + 1)) % 5))),
  );

  it.each([
    ["factored", 2],
    ["whole", 3],
  ])("rounds its %s second moment as a loop over numbers does", (_, smallestFactoredSide) => {
    const options = { beta1: 0, beta2Cap: 0.99, smallestFactoredSide } as const;
    const gradients = waves.map((values) => tf.tensor2d(values, [2, 2]));
    const isFactored = smallestFactoredSide === 2;
    for (const secondMoment of ["float32", "bfloat16"] as const) {
      const actual = directions(adafactor({ ...options, secondMoment }), gradients);
      const expected = byNumbers(waves, { isFactored, secondMoment });
      for (const [step, values] of expected.entries()) expectClose(actual[step]!, values, 5);
    }
    const last = (secondMoment: "float32" | "bfloat16") => byNumbers(waves, { isFactored, secondMoment }).at(-1)![0]!;
    expect(Math.abs(last("bfloat16") / last("float32") - 1)).toBeGreaterThan(1e-3);
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
