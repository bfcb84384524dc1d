import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { isObserved, observeModel, observeUpdate } from "./observe.ts";

beforeAll(() => tf.setBackend("cpu"));

const numbers = (observations: Readonly<Record<string, tf.Tensor>>) =>
  Object.fromEntries(
    Object.entries(observations).map(([name, value]) => [name, Number(value.dataSync()[0]!.toFixed(5))]),
  );

it("measures attention and activations as counted by hand", () => {
  const probabilities = tf.tensor([1, 0, 0.5, 0.5], [1, 1, 2, 2]);
  const observed = observeModel({
    "encoder/block01/attention/logits": tf.tensor([1, -7, 2, 3], [1, 1, 2, 2]),
    "encoder/block01/attention/probabilities": probabilities,
    "encoder/block01/output": tf.tensor([3, 4], [1, 1, 2]),
    pre_logits: tf.tensor([0, 2], [1, 2]),
  });
  expect(numbers(observed)).toEqual({
    "diagnostics/attention-logit/encoder/block01": 7,
    // One query attends to one token, the other evenly to two.
    "diagnostics/attention-entropy/encoder/block01": Number((Math.LN2 / 2).toFixed(5)),
    "diagnostics/activation-rms/encoder/block01": Number(Math.sqrt(12.5).toFixed(5)),
    "diagnostics/activation-rms/pre-logits": Number(Math.SQRT2.toFixed(5)),
  });
});

it("reads little of a model", () => {
  const names = ["tokens", "encoder/block00/attention/logits", "encoder/block00/output", "pre_logits", "logits"];
  expect(names.every(isObserved)).toBe(true);
  expect(["patches", "encoder/block00/mlp/hidden", "encoder/block00/attention/query"].some(isObserved)).toBe(false);
});

it("gives norms for every part of the model", () => {
  const before = {
    head: { kernel: tf.tensor([3, 0]), bias: tf.tensor([4]) },
    encoder: { block00: { scale: tf.tensor([1]) } },
  };
  const after = {
    head: { kernel: tf.tensor([3, 1]), bias: tf.tensor([4]) },
    encoder: { block00: { scale: tf.tensor([1]) } },
  };
  const gradients = { "head/kernel": tf.tensor([0, -5]), "head/bias": tf.tensor([12]) };
  expect(numbers(observeUpdate(gradients, before, after))).toEqual({
    "diagnostics/gradient-norm/head": 13,
    "diagnostics/update-norm/head": 1,
    "diagnostics/parameter-norm/head": 5,
  });
});
