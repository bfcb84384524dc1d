import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { onnxEngine } from "../src/engines/onnx/engine.ts";
import { tfjsEngine } from "../src/engines/tfjs/engine.ts";
import { hostTensor } from "../src/host-tensor.ts";
import { jit } from "../src/jit/jit.ts";
import { valueAndGrad } from "../src/value-and-grad.ts";

/** Steps of three operations each: y + 0.001 · sin(y), whose derivative stays near 1. */
const [steps, rate] = [1700, 0.001];

function chain(x: tf.Tensor): tf.Tensor {
  let y = x;
  for (let step = 0; step < steps; step++) y = tf.add(tf.mul(tf.sin(y), rate), y);
  return y;
}

/** The same in float64, with its derivative. */
function followed(x: number): readonly [y: number, dy: number] {
  let [y, dy] = [x, 1];
  for (let step = 0; step < steps; step++) [y, dy] = [y + rate * Math.sin(y), dy * (1 + rate * Math.cos(y))];
  return [y, dy];
}

beforeAll(() => tf.setBackend("cpu"));

it.each([onnxEngine(), tfjsEngine("cpu")])(
  "a chain of 5,100 operations and its gradient are compiled for $name",
  async (engine) => {
    const x = hostTensor("float32", [5], Float32Array.of(-2.5, -0.5, 0.25, 1.5, 3));
    const loss = (z: tf.Tensor) => {
      const y = chain(z);
      return [tf.sum(y), y] as const;
    };
    const differentiate = valueAndGrad(loss, { hasAux: true });
    const f = jit((z: tf.Tensor) => differentiate(z), { engine });
    const { aux, gradients } = await f(x);
    const [y, dy] = [await aux.read(), await gradients.read()];
    // 1,700 additions, each rounded to 24 bits.
    const tolerance = steps * 2 ** -24;
    for (const [index, at] of x.data.entries()) {
      const [expected, slope] = followed(at);
      expect(Math.abs((y[index] as number) / expected - 1)).toBeLessThan(tolerance);
      expect(Math.abs((dy[index] as number) / slope - 1)).toBeLessThan(tolerance);
    }
  },
);
