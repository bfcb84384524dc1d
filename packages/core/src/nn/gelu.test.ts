import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { type GeluForm, gelu } from "./gelu.ts";
import { expectGradients } from "./testing/check.ts";

beforeAll(() => tf.setBackend("cpu"));

const composed: { readonly [form in GeluForm]: (x: tf.Tensor) => tf.Tensor } = {
  tanh: (x) => {
    const inner = tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI));
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
  },
  erf: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1)),
};

describe.each(["tanh", "erf"] as const)("gelu %s", (form) => {
  it("is 0 at 0 and the published number at 1", () => {
    const [zero, one] = gelu(tf.tensor1d([0, 1]), form).dataSync();
    expect(zero).toBe(0);
    expect(one).toBeCloseTo({ tanh: 0.841192, erf: 0.8413447 }[form], 6);
  });

  it("passes large values, stops large negative ones, and keeps both gradients finite", () => {
    const x = tf.tensor1d([1e4, -1e4]);
    expect([...gelu(x, form).dataSync()].map((value) => value + 0)).toEqual([1e4, 0]);
    const gradient = tf
      .grad((x) => gelu(x, form))(x)
      .dataSync();
    expect([...gradient].map((value) => value + 0)).toEqual([1, 0]);
  });

  it.each([[[2, 3]], [[1]], [[]], [[0, 2]]])("has the gradient of its definition at [%s]", (shape) => {
    expectGradients((x: tf.Tensor) => gelu(x, form), composed[form], [shape]);
  });
});
