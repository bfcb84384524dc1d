import Module, { register } from "node:module";
import { fileURLToPath } from "node:url";
import type { Tensor } from "@tensorflow/tfjs-core";

/**
 * Uses @vitscale/core as if a package were not installed, or were `broken`: there, and failing as it loads. Prints what happens as JSON.
 *
 *     node --import tsx without-package.ts PACKAGE [broken]
 */
const [hidden = "", state = "absent"] = process.argv.slice(2);

const isHidden = (request: string) => request === hidden || request.startsWith(`${hidden}/`);

type Resolve = (request: string, ...rest: unknown[]) => string;
const commonJs = Module as unknown as { _resolveFilename: Resolve };
const resolveFilename = commonJs._resolveFilename;
commonJs._resolveFilename = function (this: unknown, request, ...rest) {
  if (!isHidden(request)) return resolveFilename.call(this, request, ...rest);
  if (state === "broken") return fileURLToPath(new URL("broken-package.cjs", import.meta.url));
  throw Object.assign(new Error(`Cannot find module '${request}'\nRequire stack:\n- /somewhere`), {
    code: "MODULE_NOT_FOUND",
  });
};
// The same for `import`.
const hook = `export const resolve = (request, context, next) => {
  if (request === ${JSON.stringify(hidden)}) throw new Error("Cannot find package '" + request + "'");
  return next(request, context);
};`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

const { defaultEngine, describeEngines, hostTensor, jit, loadNativeLibrary, onnxEngine } = await import(
  "../../src/index.ts"
);
const tf = await import("@tensorflow/tfjs-core");

const problemOf = async (f: () => unknown): Promise<string> => {
  try {
    await f();
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
};

const x = hostTensor("float32", [2], Float32Array.of(1, 2));
const double = jit((x: Tensor) => tf.mul(x, 2));
const engines = await describeEngines();
process.stdout.write(
  JSON.stringify({
    onnx: engines.find(({ name }) => name === "onnx"),
    others: engines.filter(({ name, isAvailable }) => name !== "onnx" && isAvailable).map(({ name }) => name),
    engine: defaultEngine().name,
    doubled: [...(await (await double(x)).read())],
    compiling: await problemOf(() => jit((x: Tensor) => tf.neg(x), { engine: onnxEngine() })(x)),
    uploading: await problemOf(() => onnxEngine().upload(x)),
    loading: await problemOf(() => loadNativeLibrary(null)),
  }),
);
