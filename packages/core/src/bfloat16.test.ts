import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { toBfloat16 } from "./bfloat16.ts";
import { printGraph } from "./graph/print.ts";
import { hostTensor } from "./host-tensor.ts";
import { jit } from "./jit/jit.ts";

beforeAll(() => tf.setBackend("cpu"));

it("rounds eagerly to nearest, ties to even", () => {
  // 1 + 2⁻⁸ and 1 + 3·2⁻⁸ lie halfway; the subnormals of bfloat16 are multiples of 2⁻¹³³.
  const x = [1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, -Math.PI, 0, Number.NaN, 1e39, 3e-39];
  const rounded = [1, 1, 1 + 2 ** -6, -3.140625, 0, Number.NaN, Infinity, 33 * 2 ** -133];
  expect([...toBfloat16(tf.tensor1d(x)).dataSync()]).toEqual(rounded);
  expect(() => toBfloat16(tf.tensor1d([1], "int32"))).toThrow("toBfloat16 takes float32, but was given int32; cast it");
});

it("stays in the graph as casts, which no pass takes out", () => {
  const graph = jit((x: tf.Tensor) => tf.mul(toBfloat16(x), 2)).graph(hostTensor("float32", [2]));
  expect(printGraph(graph)).toMatch(/cast.*bfloat16[\s\S]*cast.*float32/);
});
