import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, it } from "vitest";
import { exportOnnx, hostTensor, jit, nn } from "../../index.ts";

it("writes a file that stock onnxruntime-node runs, with names of arguments and results", async () => {
  const layer = jit(
    ({ scale, kernel }: { scale: tf.Tensor; kernel: tf.Tensor }, x: tf.Tensor) => {
      const hidden = nn.gelu(nn.linear(nn.rmsNorm(x, { scale }), { kernel }), "tanh");
      return { hidden, total: tf.sum(hidden) };
    },
    { name: "layer" },
  );
  const wave = (shape: number[], speed: number) =>
    hostTensor(
      "float32",
      shape,
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i * speed)),
    );
  const params = { scale: wave([4], 1.1), kernel: wave([4, 6], 0.7) };
  const x = wave([3, 4], 0.3);

  const session = await InferenceSession.create(exportOnnx(layer.trace(params, x)));
  expect(session.inputNames).toEqual(["0/scale", "0/kernel", "1"]);
  expect(session.outputNames).toEqual(["hidden", "total"]);
  const feed = (tensor: typeof x) => new Tensor("float32", tensor.data, [...tensor.shape]);
  const stock = await session.run({ "0/scale": feed(params.scale), "0/kernel": feed(params.kernel), "1": feed(x) });

  const ours = await layer(params, x);
  const [hidden, expected] = [stock.hidden?.data as Float32Array, await ours.hidden.read()];
  expect(stock.hidden?.dims).toEqual([3, 6]);
  hidden.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] as number, 5);
  });
});
