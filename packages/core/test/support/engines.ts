import * as tf from "@tensorflow/tfjs-core";
import { describeEngines } from "../../src/engines/default.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { onnxEngine } from "../../src/engines/onnx/engine.ts";
import { nativeSupport } from "../../src/engines/onnx/kernels.ts";
import { tfjsEngine } from "../../src/engines/tfjs/engine.ts";
import { jit } from "../../src/jit/jit.ts";

/** An engine in one of the ways that it can compile. */
export interface Variant {
  readonly name: string;
  readonly engine: Engine;
  /** Value of `VITSCALE_NATIVE` while it compiles. */
  readonly native: string | undefined;
}

const native = process.env.VITSCALE_NATIVE;

/** ONNX Runtime with its own operators only, the same with native kernels where the machine can, and tfjs-cpu. */
export const variants: readonly Variant[] = [
  { name: "onnx", engine: onnxEngine(), native: "off" },
  ...(nativeSupport().isUsed ? [{ name: "onnx with native kernels", engine: onnxEngine(), native }] : []),
  { name: "tfjs-cpu", engine: tfjsEngine("cpu"), native },
];

/** Calls `f` while compilations are of that variant. */
export async function as<Result>({ native: value }: Variant, f: () => Promise<Result>): Promise<Result> {
  const set = (to: string | undefined) => {
    if (to === undefined) delete process.env.VITSCALE_NATIVE;
    else process.env.VITSCALE_NATIVE = to;
  };
  set(value);
  try {
    return await f();
  } finally {
    set(native);
  }
}

/** An engine as FEATURES.md shows it. */
export interface Column {
  readonly heading: string;
  /** Missing where the engine cannot run here. */
  readonly variant?: Variant;
  /** Largest relative difference from eager tfjs-cpu. */
  readonly tolerance: number;
  /** What is compiled for it: every call and its gradient, or one call of each kernel. */
  readonly calls: "all" | "one";
  /** Whether all of that must agree. Of others, FEATURES.md says how much does. */
  readonly mustAgree: boolean;
}

/** Every engine that `describeEngines` knows, and ONNX Runtime in both ways. Loads those that can run here. */
export async function engineColumns(): Promise<readonly Column[]> {
  const tested = (heading: string, name: string): Column => {
    const variant = variants.find((each) => each.name === name);
    return { heading, tolerance: 1e-5, calls: "all", mustAgree: true, ...(variant && { variant }) };
  };
  const columns = [
    tested("`onnx` native", "onnx with native kernels"),
    tested("`onnx` portable", "onnx"),
    tested("`tfjs-cpu`", "tfjs-cpu"),
  ];
  for (const { name } of (await describeEngines()).filter(({ name }) => !["onnx", "tfjs-cpu"].includes(name))) {
    const engine = tfjsEngine(name);
    const variant = (await canRun(engine)) ? { variant: { name, engine, native } } : {};
    const isWasm = name === "tfjs-wasm";
    const calls = isWasm ? "one" : "all";
    columns.push({ heading: `\`${name}\``, tolerance: 1e-4, calls, mustAgree: isWasm, ...variant });
  }
  return columns;
}

/** Whether an engine not only seems to be there, but computes. */
async function canRun(engine: Engine): Promise<boolean> {
  const f = jit((x: tf.Tensor) => tf.add(x, 1), { engine });
  return await f(1).then(
    () => true,
    () => false,
  );
}
