import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { DeviceTensor } from "../engines/engine.ts";
import { onnxEngine } from "../engines/onnx/engine.ts";
import { tfjsEngine } from "../engines/tfjs/engine.ts";
import { hostTensor } from "../host-tensor.ts";
import { bits } from "../random/index.ts";
import { jit } from "./jit.ts";

const vector = (...values: number[]) => hostTensor("float32", [values.length], Float32Array.from(values));
const read = async (tensor: DeviceTensor | Promise<DeviceTensor>) => [...(await (await tensor).read())];
const double = (x: tf.Tensor) => tf.mul(x, 2);

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe.each([onnxEngine(), tfjsEngine("cpu")])("arguments on the engine $name", (engine) => {
  const other = engine === onnxEngine() ? tfjsEngine("cpu") : onnxEngine();
  // A function at its first call, which compiles, and one that is compiled already.
  const doubling = async (isCompiled: boolean, name = "double") => {
    const f = jit(double, { engine, name });
    if (isCompiled) await f(vector(0, 0));
    return f;
  };

  it.each([
    ["int32", "float32"],
    ["bool", "float32"],
    ["bool", "int32"],
    ["float32", "int32"],
    ["float32", "bool"],
    ["int32", "bool"],
  ] as const)("may be tensors that tfjs cast from %s to %s", async (from, to) => {
    const cast = tf.cast(tf.tensor1d([1, 0], from), to);
    const result = await jit((x: tf.Tensor) => tf.reshape(x, [2, 1]), { engine })(cast);
    expect([result.dtype, await read(result)]).toEqual([to, [1, 0]]);
  });

  it("may be labels as tfjs makes them", async () => {
    const labels = tf.cast(tf.oneHot(tf.tensor1d([2, 0], "int32"), 3), "float32");
    expect(await read(jit(double, { engine })(labels))).toEqual([0, 0, 2, 2, 0, 0]);
  });

  describe.each([false, true])("of a function of which it is %s that it is compiled", (isCompiled) => {
    it("are tfjs tensors that may be disposed of at once", async () => {
      const f = await doubling(isCompiled);
      const x = tf.tensor1d([1, 2]);
      const pending = [f(x)];
      tf.tidy(() => {
        pending.push(f(tf.add(x, 1)));
      });
      x.dispose();
      expect(await Promise.all(pending.map(read))).toEqual([
        [2, 4],
        [4, 6],
      ]);
    });

    it("are host tensors that may be written to at once, also where a Buffer holds them", async () => {
      const f = await doubling(isCompiled);
      const batch = vector(1, 2);
      const pending = [1, 2, 3].map((step) => {
        batch.data.fill(step);
        return f(batch);
      });
      batch.data.fill(9);
      expect(await Promise.all(pending.map(read))).toEqual([
        [2, 2],
        [4, 4],
        [6, 6],
      ]);

      const negate = jit((x: tf.Tensor) => tf.neg(x), { engine });
      const bytes = Buffer.from([1, 2]);
      if (isCompiled) await negate(hostTensor("uint8", [2]));
      const negated = negate(hostTensor("uint8", [2], bytes));
      bytes.fill(7);
      expect(await read(negated)).toEqual([-1, -2]);
    });

    it("are tensors of another engine that may be disposed of at once", async () => {
      const f = await doubling(isCompiled);
      const x = other.upload(vector(1, 2));
      const pending = f(x);
      x.dispose();
      expect(await read(pending)).toEqual([2, 4]);
    });
  });

  it("are tensors of its own that may be disposed of once it is compiled, and are missed by name before", async () => {
    const compiled = await doubling(true);
    const x = engine.upload(vector(1, 2));
    const pending = [compiled(x), compiled(x)];
    x.dispose();
    expect(await Promise.all(pending.map(read))).toEqual([
      [2, 4],
      [2, 4],
    ]);

    const compiling = await doubling(false);
    const y = engine.upload(vector(1, 2));
    const failing = compiling(y);
    y.dispose();
    await expect(failing).rejects.toThrow(
      'argument 0 of function "double" is a float32[2] tensor that was disposed of before the call could begin to read it; ' +
        "await the call first",
    );
  });

  it("are refused by name where tfjs has disposed of them before", async () => {
    const x = tf.tensor1d([1, 2]);
    x.dispose();
    await expect((await doubling(false))(x)).rejects.toThrow(
      'argument 0 of function "double" is a float32[2] tensor that was disposed of before; dispose of it when it is no longer passed',
    );
  });

  it("and all that runs on them outlive a tidy that the call is made in", async () => {
    // Random bits are computed on the host by the tfjs engine, so that the run ends after the tidy.
    const draw = jit((key: tf.Tensor, x: tf.Tensor) => tf.add(tf.mul(tf.cast(bits(key, [2]), "float32"), 0), x), {
      engine,
    });
    const key = hostTensor("int32", [2]);
    await draw(key, vector(0, 0));
    const pending: Promise<DeviceTensor>[] = [];
    tf.tidy(() => {
      pending.push(draw(key, tf.tensor1d([3, 4])));
    });
    expect(await Promise.all(pending.map(read))).toEqual([[3, 4]]);
  });
});
