import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import type { DeviceTensor } from "@vitscale/core";
import { beforeAll, describe, expect, it } from "vitest";
import { type EvaluationSums, evaluationStep, meanMetrics } from "./evaluate.ts";
import { softmaxCrossEntropy } from "./losses.ts";

beforeAll(() => tf.setBackend("cpu"));

/** A "model" whose logits are the pixels. */
const evaluate = evaluationStep({
  predict: (_: object, images) => tf.reshape(images, [-1, 3]),
  loss: softmaxCrossEntropy,
  pixels: { mean: 0, deviation: 1 },
});
const images = tf.tensor([0, 5, 0, 9, 0, 0, 0, 0, 1, 7, 7, 9], [4, 3, 1, 1]);
const mask = tf.tensor1d([1, 1, 1, 0], "int32");

const asDevice = (tensor: tf.Tensor) => ({ read: async () => tensor.dataSync(), dispose: () => tensor.dispose() });
const means = (...sums: EvaluationSums<tf.Tensor>[]) =>
  meanMetrics(
    sums.map((batch) => {
      const device = Object.fromEntries(Object.entries(batch).map(([name, tensor]) => [name, asDevice(tensor)]));
      return device as unknown as EvaluationSums<DeviceTensor>;
    }),
  );

describe("an evaluation", () => {
  it("counts correct examples and leaves the padding out", async () => {
    const { top1, loss, examples } = await means(
      evaluate({}, { images, labels: tf.tensor1d([1, 1, 2, 2], "int32"), mask }),
    );
    expect([top1, examples]).toEqual([2 / 3, 3]);
    // −ln softmax: ln(1 + 2e⁻⁵), 9 + ln(1 + 2e⁻⁹), ln(1 + 2e⁻¹).
    const byHand = Math.log1p(2 * Math.exp(-5)) + 9 + Math.log1p(2 * Math.exp(-9)) + Math.log1p(2 * Math.exp(-1));
    expect(loss).toBeCloseTo(byHand / 3, 5);
  });

  it("gives the weight of the predicted class where labels are weights", async () => {
    const labels = tf.tensor2d([
      [0, 1, 1],
      [0.25, 0.75, 0],
      [1, 0, 0],
      [0, 0, 1],
    ]);
    expect((await means(evaluate({}, { images, labels, mask }))).top1).toBeCloseTo(1.25 / 3, 6);
  });

  it("takes any of several labels for right, and leaves out what has none", async () => {
    // The model says 1, 0, 2 and 2: right, wrong, without a label, padding.
    const labels = tf.tensor2d([
      [1, 1, 0],
      [0, 1, 1],
      [0, 0, 0],
      [0, 0, 1],
    ]);
    const { top1, loss, examples } = await means(evaluate({}, { images, labels, mask }));
    expect([top1, examples]).toEqual([1 / 2, 2]);
    // −Σ t ln softmax: (5 + 2 ln(1 + 2e⁻⁵)) and (9 + 9 + 2 ln(1 + 2e⁻⁹)).
    const byHand = 5 + 2 * Math.log1p(2 * Math.exp(-5)) + 18 + 2 * Math.log1p(2 * Math.exp(-9));
    expect(loss).toBeCloseTo(byHand / 2, 4);
  });

  it("weighs batches by their examples", async () => {
    const labels = tf.tensor1d([1, 1, 2, 2], "int32");
    const one = tf.tensor1d([0, 0, 0, 1], "int32");
    const both = await means(evaluate({}, { images, labels, mask }), evaluate({}, { images, labels, mask: one }));
    expect([both.top1, both.examples]).toEqual([0.75, 4]);
    await expect(means()).rejects.toThrow("the evaluation data holds no examples");
  });
});
