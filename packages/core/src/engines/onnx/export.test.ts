import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, it } from "vitest";
import { exportOnnx, hostTensor, jit, nn, random, toBfloat16 } from "../../index.ts";

/** The elements of a result of the stock binding. */
const elements = (results: Readonly<Record<string, Tensor>>, name: string): number[] =>
  Array.from((results[name] as Tensor).data as Float32Array);

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
  const [hidden, expected] = [elements(stock, "hidden"), await ours.hidden.read()];
  expect(stock.hidden?.dims).toEqual([3, 6]);
  hidden.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] as number, 5);
  });
});

it("names results apart from arguments and from what the file calls values of its own", async () => {
  const f = jit((x: tf.Tensor, by: tf.Tensor) => [tf.add(x, by), { v0: tf.sub(x, by) }, tf.argMax(x)]);
  const v0 = jit((x: tf.Tensor) => ({ v0: tf.neg(x), c1: tf.exp(x), output: x }));
  const x = hostTensor("float32", [3], Float32Array.of(1, 5, 3));
  const feed = new Tensor("float32", x.data, [3]);
  const first = await InferenceSession.create(exportOnnx(f.trace(x, 2)));
  expect([first.inputNames, first.outputNames]).toEqual([
    ["0", "1"],
    ["output/0", "1/v0", "2"],
  ]);
  const results = await first.run({ "0": feed, "1": new Tensor("float32", Float32Array.of(2), []) });
  expect(["output/0", "1/v0", "2"].map((name) => elements(results, name))).toEqual([[3, 7, 5], [-1, 3, 1], [1]]);
  const second = await InferenceSession.create(exportOnnx(v0.trace(x)));
  expect(second.outputNames).toEqual(["output/v0", "output/c1", "output"]);
  expect(elements(await second.run({ "0": feed }), "output/v0")).toEqual([-1, -5, -3]);
});

it("names arguments whose paths read the same apart", async () => {
  const f = jit((p: { "x/y": tf.Tensor; x: { y: tf.Tensor } }) => tf.sub(p["x/y"], p.x.y));
  const scalar = (value: number) => hostTensor("float32", [], Float32Array.of(value));
  const session = await InferenceSession.create(exportOnnx(f.trace({ "x/y": scalar(5), x: { y: scalar(2) } })));
  expect([...session.inputNames].sort()).toEqual(["0/x/y", "input/0/x/y"]);
  const [first, second] = session.inputNames as [string, string];
  const feed = (value: number) => new Tensor("float32", Float32Array.of(value), []);
  expect(elements(await session.run({ [first]: feed(5), [second]: feed(2) }), "output")).toEqual([3]);
});

it("writes random numbers, convolutions and look-ups with the operators of the standard", async () => {
  const f = jit(
    (key: tf.Tensor, image: tf.Tensor) => ({
      noise: random.uniform(key, [5]),
      pooled: tf.maxPool(tf.conv2d(image as tf.Tensor4D, tf.ones([2, 2, 1, 3]), 1, "same"), 2, 2, "valid"),
      top: tf.topk(tf.reshape(image, [16]), 3).indices,
    }),
    { name: "mixture" },
  );
  const key = hostTensor("int32", [2], Int32Array.of(7, 11));
  const image = hostTensor(
    "float32",
    [1, 4, 4, 1],
    Float32Array.from({ length: 16 }, (_, i) => Math.sin(i)),
  );
  const session = await InferenceSession.create(exportOnnx(f.trace(key, image)));
  const stock = await session.run({
    "0": new Tensor("int32", key.data, [2]),
    "1": new Tensor("float32", image.data, [1, 4, 4, 1]),
  });
  const ours = await f(key, image);
  for (const name of ["noise", "pooled", "top"] as const) {
    const expected = await ours[name].read();
    expect(stock[name]?.dims).toEqual(ours[name].shape);
    elements(stock, name).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 5);
    });
  }
});

it("refuses what stock onnxruntime-node cannot hold, and what is no trace", () => {
  const x = hostTensor("float32", [2]);
  const rounded = jit((x: tf.Tensor) => ({ y: toBfloat16(x) }), { name: "rounded" });
  expect(() => exportOnnx(rounded.trace(x))).toThrow('the result "y" of program "rounded" is bfloat16');
  const half = hostTensor("bfloat16", [2]);
  const widened = jit((x: tf.Tensor) => tf.add(x, 1), { name: "widened" });
  expect(() => exportOnnx(widened.trace(half))).toThrow('the argument "0" of program "widened" is bfloat16');
  expect(() => exportOnnx(rounded as unknown as Parameters<typeof exportOnnx>[0])).toThrow("f.trace(...arguments)");
});
