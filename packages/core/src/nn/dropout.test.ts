import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { withGradients } from "../gradients/index.ts";
import { jit } from "../jit/jit.ts";
import { fold, key } from "../random/index.ts";
import { dropout } from "./dropout.ts";

beforeAll(() => tf.setBackend("cpu"));

describe("dropout", () => {
  it("keeps a share of 1 - rate, scaled so that the mean stays", () => {
    const y = dropout(tf.ones([20_000]), key(0), 0.2).dataSync() as Float32Array;
    expect(new Set(y)).toEqual(new Set([0, Math.fround(1.25)]));
    expect(y.reduce((sum, value) => sum + value, 0) / y.length).toBeCloseTo(1, 1);
  });

  it("passes the gradient where it passes the value", () => {
    const x = tf.ones([100]);
    const y = dropout(x, key(0), 0.5);
    const gradient = withGradients(() => tf.grad((x) => dropout(x, key(0), 0.5))(x));
    expect(gradient.dataSync()).toEqual(y.dataSync());
  });

  it("drops the same elements under the same key, others under another", () => {
    const drop = (step: number) => dropout(tf.ones([100]), fold(key(0), step), 0.5).dataSync();
    expect(drop(1)).toEqual(drop(1));
    expect(drop(1)).not.toEqual(drop(2));
  });

  it("at rate 0 is the identity, and at 1 an error", () => {
    expect([...dropout(tf.tensor1d([1, 2]), key(0), 0).dataSync()]).toEqual([1, 2]);
    expect(() => dropout(tf.ones([1]), key(0), 1)).toThrow("at least 0 and less than 1, but 1 was given");
  });

  it("names a key and a rate that are exchanged, also where they have no values", async () => {
    const exchanged = (x: tf.Tensor, k: tf.Tensor) => dropout(x, 0.5 as never, k as never);
    const message = "a random key is an int32 tensor of shape [2], but 0.5 was given";
    expect(() => exchanged(tf.ones([3]), key(0))).toThrow(message);
    expect(() => jit(exchanged).graph(tf.ones([3]), key(0))).toThrow(message);
    const byTensor = jit((x: tf.Tensor, rate: tf.Tensor) => dropout(x, key(0), rate as never));
    expect(() => byTensor.graph(tf.ones([3]), 0.5)).toThrow(
      "a dropout rate is a number, but a tensor float32 [] was given",
    );
  });
});
