import type { Engine } from "../../src/engines/engine.ts";
import { onnxEngine } from "../../src/engines/onnx/engine.ts";
import { nativeSupport } from "../../src/engines/onnx/kernels.ts";
import { tfjsEngine } from "../../src/engines/tfjs/engine.ts";

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
