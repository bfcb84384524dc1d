import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { constantKernels, differentiableKernels, registerGradients, withGradients } from "./register.ts";

const all = [...differentiableKernels, ...constantKernels];

beforeAll(() => tf.setBackend("cpu"));

beforeEach(() => {
  for (const kernel of all) if (tf.getGradient(kernel)) tf.unregisterGradient(kernel);
});

describe("registerGradients", () => {
  it("lets plain tf.grad work in Node, where tfjs-core alone has no gradients", () => {
    const derivative = tf.grad((x) => tf.tanh(x));
    expect(() => derivative(tf.scalar(0.5))).toThrow("gradient function not found for Tanh");
    registerGradients();
    expect(derivative(tf.scalar(0.5)).dataSync()[0]).toBeCloseTo(1 - Math.tanh(0.5) ** 2, 6);
  });

  it("keeps a rule that is there, and may be called again", () => {
    const mine = { kernelName: "Tanh", gradFunc: () => ({ x: () => tf.scalar(7) }) };
    tf.registerGradient(mine);
    registerGradients();
    registerGradients();
    expect(tf.getGradient("Tanh")).toBe(mine);
    expect(all.every((kernel) => tf.getGradient(kernel))).toBe(true);
  });
});

describe("withGradients", () => {
  it("puts our rules in force for a call and the others back after it", () => {
    const mine = { kernelName: "Tanh", gradFunc: () => ({ x: () => tf.scalar(7) }) };
    tf.registerGradient(mine);
    const derivative = tf.grad((x) => tf.tanh(x));
    expect(withGradients(() => derivative(tf.scalar(0)).dataSync()[0])).toBe(1);
    expect(derivative(tf.scalar(0)).dataSync()[0]).toBe(7);
    expect(tf.getGradient("Exp")).toBeUndefined();
  });

  it("puts the others back when the function throws, and may be nested", () => {
    expect(() =>
      withGradients(() =>
        withGradients(() => {
          throw new Error("inside");
        }),
      ),
    ).toThrow("inside");
    expect(all.filter((kernel) => tf.getGradient(kernel))).toEqual([]);
  });
});
