import type { Engine, EngineDescription } from "./engine.ts";
import { onnxEngine } from "./onnx/engine.ts";
import { nativeSupport } from "./onnx/kernels.ts";
import { threadCount } from "./onnx/runtime.ts";
import { describeTfjsEngines, tfjsEngine } from "./tfjs/engine.ts";

/** Every engine that this package knows, with its version, or the reason why it cannot run here and what to do. */
export async function describeEngines(): Promise<EngineDescription[]> {
  return [onnxEngine().describe(), ...(await describeTfjsEngines())];
}

let hasWarned = false;

/**
 * The engine that jit uses unless told otherwise: ONNX Runtime, or tfjs's own CPU backend where that cannot load, which a warning of the
 * process says once.
 *
 * @throws RangeError for a mistake in `VITSCALE_THREADS` or `VITSCALE_NATIVE`, which would otherwise make everything slow in silence.
 */
export function defaultEngine(): Engine {
  threadCount();
  nativeSupport();
  const onnx = onnxEngine();
  const { isAvailable, reason } = onnx.describe();
  if (isAvailable) return onnx;
  if (!hasWarned)
    process.emitWarning(`programs run in plain JavaScript, slowly, because engine "onnx" cannot run here: ${reason}`);
  hasWarned = true;
  return tfjsEngine("cpu");
}
