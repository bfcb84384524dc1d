import * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, hostTensor, jit, nn, valueAndGrad } from "@vitscale/core";
import { expect, it } from "vitest";
import { growthOf } from "./support/growth.ts";

type Params = { first: tf.Tensor; second: tf.Tensor };

it("trains a small model for 10,000 steps in flat memory", { timeout: 120_000 }, async () => {
  const loss = ({ first, second }: Params, x: tf.Tensor, y: tf.Tensor) =>
    tf.mean(tf.square(tf.sub(nn.linear(nn.gelu(nn.linear(x, { kernel: first }), "tanh"), { kernel: second }), y)));
  const step = jit(
    (params: Params, x: tf.Tensor, y: tf.Tensor, rate: tf.Tensor) => {
      const { value, gradients } = valueAndGrad(loss)(params, x, y);
      const descend = (p: tf.Tensor, g: tf.Tensor) => tf.sub(p, tf.mul(g, rate));
      return {
        params: { first: descend(params.first, gradients.first), second: descend(params.second, gradients.second) },
        value,
      };
    },
    { donate: [0] },
  );
  const wave = (rows: number, columns: number, speed: number) =>
    hostTensor(
      "float32",
      [rows, columns],
      Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * speed)),
    );

  const y = wave(16, 4, 0.7);
  let params: { first: DeviceTensor; second: DeviceTensor } | Record<keyof Params, ReturnType<typeof wave>> = {
    first: wave(8, 64, 1.3),
    second: wave(64, 4, 2.1),
  };
  const losses: number[] = [];
  let steps = 0;
  const grown = await growthOf(10_000, async () => {
    // A batch of its own for every step, as a data pipeline yields it.
    const result = await step(params, wave(16, 8, 0.1), y, 0.03);
    params = result.params;
    if (steps % 1000 === 0) losses.push((await result.value.read())[0] as number);
    result.value.dispose();
    steps++;
  });
  expect(losses).toEqual([...losses].sort((a, b) => b - a));
  // The smaller one of the parameters, 1 KB, would be 10 MB.
  expect(grown).toBeLessThan(8 * 2 ** 20);
});
