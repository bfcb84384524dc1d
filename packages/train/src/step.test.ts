import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { sigmoidCrossEntropy, softmaxCrossEntropy } from "./losses.ts";
import { sgd } from "./optimizers/sgd.ts";
import { type StepParts, trainStep } from "./step.ts";

beforeAll(() => tf.setBackend("cpu"));

/** A linear classifier of 2 × 1 × 1 images into two classes: gradients by hand are (softmax − target) xᵀ. */
interface Linear {
  readonly kernel: tf.Tensor;
}

const parts: StepParts<Linear> = {
  predict: ({ kernel }, images) => tf.matMul(tf.reshape(images, [-1, 2]), kernel as tf.Tensor2D),
  loss: softmaxCrossEntropy,
  optimizer: sgd({ momentum: 0 }),
  pixels: { mean: 0, deviation: 1 },
  classes: 2,
  clipNorm: Infinity,
};
const batch = { images: tf.tensor([255, 0, 0, 255], [2, 2, 1, 1], "int32"), labels: tf.tensor1d([0, 1], "int32") };
const state = () => ({ params: { kernel: tf.zeros([2, 2]) as tf.Tensor }, optimizer: { kernel: {} } });
const values = (tensor: tf.Tensor) => Array.from(tensor.dataSync(), (value) => Number(value.toFixed(5)));

describe("a train step", () => {
  it("descends along the gradient by hand", () => {
    const { state: next, metrics } = trainStep(parts)(state(), batch, { learningRate: tf.scalar(2) });
    // Each image has one pixel at 1 and p = 1/2, so its row of the kernel has the gradient ±1/2 over a batch of 2.
    expect(values(next.params.kernel)).toEqual([0.5, -0.5, -0.5, 0.5]);
    expect(values(metrics["train/loss"])).toEqual([Number(Math.LN2.toFixed(5))]);
    expect(values(metrics["optim/grad-norm"])).toEqual([0.5]);
  });

  it("clips, and reports the norm before", () => {
    const step = trainStep({ ...parts, clipNorm: 0.25 });
    const { state: next, metrics } = step(state(), batch, { learningRate: tf.scalar(2) });
    expect(values(next.params.kernel)).toEqual([0.25, -0.25, -0.25, 0.25]);
    expect(values(metrics["optim/grad-norm"])).toEqual([0.5]);
  });

  it("mixes images and labels by the coefficient", () => {
    const scalars = { learningRate: tf.scalar(2), mixup: tf.scalar(0.75) };
    const { state: next } = trainStep(parts)(state(), batch, scalars);
    // Images (0.75, 0.25) and (0.25, 0.75) with labels alike: gradient −(1/2)·Σ x (t − 1/2) = ∓(1/2)(0.75 − 0.25)·0.25.
    expect(values(next.params.kernel)).toEqual([0.125, -0.125, -0.125, 0.125]);
  });

  it("takes any loss of each example", () => {
    const { metrics } = trainStep({ ...parts, loss: sigmoidCrossEntropy })(state(), batch, {
      learningRate: tf.scalar(0),
    });
    expect(values(metrics["train/loss"])).toEqual([1.38629]);
  });
});
