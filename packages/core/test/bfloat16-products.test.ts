import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { roundToBfloat16 } from "../src/files/half.ts";
import { hostTensor } from "../src/host-tensor.ts";
import { jit } from "../src/jit/jit.ts";
import { valueAndGrad } from "../src/value-and-grad.ts";
import { as, variants } from "./support/engines.ts";

const [rows, inner, columns] = [5, 33, 7];
const wave = (length: number, salt: number) => Float32Array.from({ length }, (_, i) => Math.sin(1.1 * i + salt));

describe.each(variants)("products in bfloat16 on $name", (variant) => {
  it("round their operands, forward and backward, and sum in float32", async () => {
    const loss = ({ w }: { w: tf.Tensor2D }, x: tf.Tensor2D) => tf.sum(tf.square(tf.matMul(x, w)));
    const { engine } = variant;
    const step = jit(valueAndGrad(loss), { engine, precision: "bfloat16", name: "products" });
    const [x, w] = [wave(rows * inner, 0), wave(inner * columns, 1)];
    const { value, gradients } = await as(variant, () =>
      step({ w: hostTensor("float32", [inner, columns], w) }, hostTensor("float32", [rows, inner], x)),
    );

    const [a, b] = [x, w].map((values) => Array.from(values, roundToBfloat16)) as [number[], number[]];
    const y = Array.from({ length: rows * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return Array.from({ length: inner }, (_, k) => a[row * inner + k]! * b[k * columns + column]!).reduce(
        (s, v) => s + v,
      );
    });
    expect((await value.read())[0]).toBeCloseTo(
      y.reduce((sum, each) => sum + each ** 2, 0),
      2,
    );
    // dL/dW = Xᵀ·2Y, with 2Y rounded on its way into the product.
    const dy = y.map((each) => roundToBfloat16(2 * each));
    const got = await gradients.w.read();
    for (const [i, element] of got.entries()) {
      const [k, column] = [Math.floor(i / columns), i % columns];
      const expected = Array.from({ length: rows }, (_, r) => a[r * inner + k]! * dy[r * columns + column]!);
      // A sum beside a rounding boundary may fall on the other side of it.
      expect(Math.abs(element - expected.reduce((s, v) => s + v))).toBeLessThan(0.05);
    }
    await step.dispose();
  });
});
