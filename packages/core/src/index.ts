// Tensors in host memory, and trees of them.

// Engines.
export { defaultEngine, describeEngines } from "./engines/default.ts";
export {
  type CompileOptions,
  type DeviceTensor,
  type Engine,
  type EngineDescription,
  type Executable,
  isDeviceTensor,
} from "./engines/engine.ts";
export { onnxEngine } from "./engines/onnx/engine.ts";
export * from "./host-tensor.ts";
// Compiling and differentiating functions of tensors.
export { type CompileReport, type JitOptions, type Jitted, jit, type TensorLike } from "./jit.ts";
// Building blocks of networks, with gradients of their own.
export * as nn from "./nn/index.ts";
export * as random from "./random/index.ts";
export * from "./tree.ts";
export { type GradientOptions, type ValueAndGradient, valueAndGrad } from "./value-and-grad.ts";
