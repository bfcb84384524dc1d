import * as tf from "@tensorflow/tfjs-core";
import { defaultEngine, describeEngines, hostTensor, jit, loadNativeLibrary, onnxEngine } from "../../src/index.ts";

/** Uses @vitscale/core where hide-package.ts has hidden one that it builds on. Prints what happens as JSON. */
const problemOf = async (f: () => unknown): Promise<string> => {
  try {
    await f();
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
};

const x = hostTensor("float32", [2], Float32Array.of(1, 2));
const double = jit((x: tf.Tensor) => tf.mul(x, 2));
const engines = await describeEngines();
process.stdout.write(
  JSON.stringify({
    onnx: engines.find(({ name }) => name === "onnx"),
    others: engines.filter(({ name, isAvailable }) => name !== "onnx" && isAvailable).map(({ name }) => name),
    engine: defaultEngine().name,
    doubled: [...(await (await double(x)).read())],
    compiling: await problemOf(() => jit((x: tf.Tensor) => tf.neg(x), { engine: onnxEngine() })(x)),
    uploading: await problemOf(() => onnxEngine().upload(x)),
    loading: await problemOf(() => loadNativeLibrary(null)),
  }),
);
