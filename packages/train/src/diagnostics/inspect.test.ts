import * as tf from "@tensorflow/tfjs-core";
import { hostTensor, jit } from "@vitscale/core";
import { expect, it } from "vitest";
import { readScalars } from "../metric-window.ts";
import { inspectedTensor, inspectModel, inspectUpdate } from "./inspect.ts";
import { joinObservations } from "./observe.ts";

const vector = (...values: number[]) => hostTensor("float32", [values.length], Float32Array.from(values));

it("gives the largest value of every tensor, and NaN wherever there is one", async () => {
  const look = jit(
    (images: tf.Tensor, hidden: tf.Tensor, kernel: tf.Tensor) => ({
      ...inspectModel(images, { hidden, logits: tf.mul(hidden, 2) }),
      ...inspectUpdate(
        { "head/kernel": tf.neg(kernel) },
        { head: { kernel } },
        { head: { kernel: tf.add(kernel, 0.5) } },
      ),
    }),
    { name: "inspection" },
  );
  // Squares of the largest are beyond float32; NaN stands first, in the middle and last.
  const results = [
    await look(vector(1, -2, 0), vector(1e30, 1, 2), vector(3, -4, 0)),
    await look(vector(Number.NaN, 5, 6), vector(5, Number.NaN, 6), vector(5, 6, Number.NaN)),
    await look(vector(0, 0, 0), vector(1, Number.NEGATIVE_INFINITY, 2), vector(0, 0, 0)),
  ];
  const [finite, broken, infinite] = await Promise.all(results.map(readScalars));
  expect(finite).toEqual({
    "activation of images": 2,
    "activation of hidden": Math.fround(1e30),
    "activation of logits": Math.fround(2e30),
    "parameter of head/kernel": 4,
    "gradient of head/kernel": 4,
    "update of head/kernel": 0.5,
  });
  expect(Object.values(broken!).every(Number.isNaN)).toBe(true);
  expect(infinite).toMatchObject({ "activation of images": 0, "activation of hidden": Number.POSITIVE_INFINITY });
  await look.dispose();
});

it("leaves out what is frozen, and is joined over the parts of a batch by the largest", async () => {
  const look = jit(
    (a: tf.Tensor, b: tf.Tensor) => {
      const params = { head: a, frozen: b };
      return joinObservations([inspectUpdate({ head: a }, params, params), inspectUpdate({ head: b }, params, params)]);
    },
    { name: "inspection of parts" },
  );
  expect(await readScalars(await look(vector(1, -2), vector(-7, 3)))).toEqual({
    "parameter of head": 2,
    "gradient of head": 7,
    "update of head": 0,
  });
  expect((await readScalars(await look(vector(1, Number.NaN), vector(7, 3))))["gradient of head"]).toBeNaN();
  await look.dispose();
});

it("knows its names again", () => {
  expect(inspectedTensor("gradient of head/kernel")).toEqual({ kind: "gradient", name: "head/kernel" });
  expect(inspectedTensor("train/loss")).toBeUndefined();
});
