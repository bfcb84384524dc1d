import type * as tf from "@tensorflow/tfjs-core";
import { sigmoid } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { hostTensor } from "../src/host-tensor.ts";
import { jit } from "../src/jit/jit.ts";
import { as, variants } from "./support/engines.ts";

describe.each(variants)("compiled for $name", (variant) => {
  it("sigmoid keeps its digits however small it is, for losses take its logarithm", async () => {
    const x = Float32Array.of(-85, -40, -20, -18, -12, -5, -1e-4, 0, 3, 20, 90);
    const results = await as(variant, async () => {
      const compiled = jit((x: tf.Tensor) => sigmoid(x), { engine: variant.engine });
      return (await compiled(hostTensor("float32", [x.length], x))).read();
    });
    for (const [i, value] of results.entries()) {
      const exact = 1 / (1 + Math.exp(-(x[i] as number)));
      expect(Math.abs(value / exact - 1), `sigmoid(${x[i]}) is ${value}, not ${exact}`).toBeLessThan(2e-6);
    }
  });
});
