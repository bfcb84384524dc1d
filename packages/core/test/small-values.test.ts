import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { hostTensor } from "../src/host-tensor.ts";
import { jit } from "../src/jit/jit.ts";
import { as, type Variant, variants } from "./support/engines.ts";

/** Fails unless a compiled function of single numbers is as near to the exact one as the bound says, by a part of its value. */
async function expectDigits(
  variant: Variant,
  f: (x: tf.Tensor) => tf.Tensor,
  { at, exactly, bound }: { at: readonly number[]; exactly: (x: number) => number; bound: number },
): Promise<void> {
  const x = Float32Array.from(at);
  const results = await as(variant, async () => {
    const compiled = jit(f, { engine: variant.engine });
    return (await compiled(hostTensor("float32", [x.length], x))).read();
  });
  for (const [i, value] of results.entries()) {
    const exact = exactly(x[i] as number);
    expect(Math.abs(value - exact), `${value} at ${x[i]}, not ${exact}`).toBeLessThanOrEqual(bound * Math.abs(exact));
  }
}

describe.each(variants)("compiled for $name", (variant) => {
  it("sigmoid keeps its digits however small it is, for losses take its logarithm", () =>
    expectDigits(variant, tf.sigmoid, {
      at: [-85, -40, -20, -18, -12, -5, -1e-4, 0, 3, 20, 90],
      exactly: (x) => 1 / (1 + Math.exp(-x)),
      bound: 2e-6,
    }));

  it("elu keeps its digits near 0, where exp(x) − 1 has none left", () =>
    expectDigits(variant, tf.elu, {
      at: [-90, -20, -1, -0.1, -0.01, -1e-3, -1e-5, -1e-7, 0, 1e-7, 3],
      exactly: (x) => (x > 0 ? x : Math.expm1(x)),
      bound: 5e-7,
    }));
});
