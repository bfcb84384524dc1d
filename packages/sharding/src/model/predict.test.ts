import * as tf from "@tensorflow/tfjs-core";
import { type collectives, hostTensor, jit, valueAndGrad } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import type { LinearLayout } from "../linear/choose.ts";
import { parallelLinear } from "../linear/linear.ts";
import type { LinearForm } from "../linear/rings.ts";
import { cutProgram } from "../program/cut.ts";
import { type Link, type Machine, predict, secondsOf } from "./predict.ts";

const [rows, n, m] = [8, 32, 64];

/** One rank's program of a layer on k ranks, or of its gradients. */
function layer(ranks: number, layout: LinearLayout, form: LinearForm, isBackward = false) {
  const group: collectives.RankGroup = {
    over: "model",
    ranks: Array.from({ length: ranks }, (_, i) => i),
    position: 1,
    communicator: 0,
  };
  const linear = (x: tf.Tensor, kernel: tf.Tensor) => parallelLinear(x, { kernel }, group, { layout, form });
  const loss = (params: { x: tf.Tensor; kernel: tf.Tensor }) => tf.sum(linear(params.x, params.kernel));
  const x = hostTensor("float32", [rows, n / ranks]);
  const kernel = hostTensor("float32", layout === "gather" ? [n, m / ranks] : [n / ranks, m]);
  const f = isBackward
    ? jit((x: tf.Tensor, kernel: tf.Tensor) => valueAndGrad(loss)({ x, kernel }).gradients).graph(x, kernel)
    : jit(linear).graph(x, kernel);
  return cutProgram(f);
}

/** A machine on which the product of one block takes a second, all else nothing, and a block travels for `link` seconds. */
function machine(ranks: number, layout: LinearLayout, link: number, more: Partial<Link> = {}): Machine {
  const blockFlops = 2 * rows * (n / ranks) * (m / ranks);
  const blockBytes = (4 * rows * (layout === "gather" ? n : m)) / ranks;
  return {
    device: { productFlops: blockFlops, bytesPerSecond: Infinity },
    links: { model: { bytesPerSecond: blockBytes / link, latency: 0, ...more } },
  };
}

describe.each(["gather", "reduce"] as const)("a layer that %ss", (layout) => {
  // k products of a second each; k − 1 blocks travel.
  const seconds = (ranks: number, form: LinearForm, link: number) =>
    predict(layer(ranks, layout, form), machine(ranks, layout, link)).seconds;

  it.each([2, 4, 8])("hides what travels behind its own products on %i ranks", (k) => {
    expect(seconds(k, "plain", 0.8)).toBeCloseTo(k + (k - 1) * 0.8, 9);
    // Shorter than a product: nothing is seen of it, but for the one product that nothing can be behind.
    expect(seconds(k, "ring", 0.8)).toBeCloseTo(k, 9);
    // Longer: the link is always busy, and one product is before the first or after the last block.
    expect(seconds(k, "ring", 3)).toBeCloseTo((k - 1) * 3 + 1, 9);
  });

  it("halves the time on the link when halves travel both ways", () => {
    // Of a reduction, one half starts after half a product, and the other, which ends last, after one.
    expect(seconds(4, "bidirectional", 3)).toBeCloseTo(3 * 1.5 + 1, 9);
    expect(seconds(4, "bidirectional", 1.5)).toBeCloseTo(4, 9);
  });

  it("is never slower in rings than plain, forward and backward", () => {
    for (const k of [2, 4, 8]) {
      for (const link of [0.1, 1, 5]) {
        const backward = (form: LinearForm) => predict(layer(k, layout, form, true), machine(k, layout, link)).seconds;
        expect(seconds(k, "ring", link)).toBeLessThanOrEqual(seconds(k, "plain", link) + 1e-9);
        expect(backward("ring")).toBeLessThanOrEqual(backward("plain") + 1e-9);
      }
    }
  });
});

it("counts products at their rate and other bytes at theirs, and latency by hops", () => {
  const device = { productFlops: 1e3, bytesPerSecond: 10, overhead: 0.5 };
  const program = cutProgram(jit((x: tf.Tensor) => tf.exp(tf.matMul(x, x))).graph(hostTensor("float32", [4, 4])));
  // 2·4³ FLOPs; 64 bytes in and 64 out of exp.
  expect(secondsOf(program.segments[0]!, device)).toBeCloseTo(0.5 + 128 / 1e3 + 128 / 10, 9);
  const links = { model: { bytesPerSecond: Infinity, latency: 2 } };
  const fast = { device: { productFlops: Infinity, bytesPerSecond: Infinity }, links };
  expect(predict(layer(4, "gather", "ring"), fast).seconds).toBe(6);
  expect(predict(layer(4, "gather", "plain"), fast).seconds).toBe(6);
  expect(() => predict(layer(4, "gather", "ring"), { ...fast, links: {} })).toThrow(
    'no link is given along mesh axis "model"',
  );
});

it("lets what goes both ways share a link where it does", () => {
  const shared = machine(4, "gather", 3, { isShared: true });
  // Three blocks one after the other, as halves both ways or whole one way, and the last product, here of a half.
  expect(predict(layer(4, "gather", "ring"), shared).seconds).toBeCloseTo(3 * 3 + 1, 9);
  expect(predict(layer(4, "gather", "bidirectional"), shared).seconds).toBeCloseTo(3 * 3 + 1, 9);
});

it("lets messages take from the device beside them, and no more than what is beside them", () => {
  const blockBytes = (4 * rows * n) / 2;
  const burdened = (link: number) => machine(2, "gather", link, { computingPerByte: 0.4 / blockBytes });
  // Half a second beside the first product of one: all of its 0.4 s are taken from that.
  expect(predict(layer(2, "gather", "ring"), burdened(0.5)).seconds).toBeCloseTo(2.4, 9);
  // Of two seconds, one is beside the product, which half of 0.4 s lengthens; the second product waits for the message.
  const waiting = predict(layer(2, "gather", "ring"), burdened(2));
  expect([waiting.seconds, waiting.computing]).toEqual([expect.closeTo(3, 9), expect.closeTo(2.2, 9)]);
  // Nothing is beside the gather of the plain form.
  expect(predict(layer(2, "gather", "plain"), burdened(0.5)).seconds).toBeCloseTo(2.5, 9);
});

it("counts what a collective takes beyond its messages", () => {
  const [gathered, reduced] = [4 * rows * n, 4 * rows * m];
  const plain = (layout: LinearLayout) => {
    const { device, links } = machine(4, layout, 0.5);
    const handling = { gatheredBytesPerSecond: gathered / 0.25, reducedBytesPerSecond: reduced / 0.125 };
    return predict(layer(4, layout, "plain"), { device: { ...device, ...handling }, links }).seconds;
  };
  expect(plain("gather")).toBeCloseTo(4 + 3 * 0.5 + 0.25, 9);
  expect(plain("reduce")).toBeCloseTo(4 + 3 * 0.5 + 0.125, 9);
});
