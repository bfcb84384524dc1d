import { sizeOf } from "../../../host-tensor.ts";
import type { Lowering } from "./emitter.ts";

/**
 * ONNX has no order but that of dependencies, so the value is made to depend on what comes before it: it is reshaped to
 * its own shape, plus 0 times an element of each. No value is copied, since a reshape shares its operand's memory, and
 * ONNX Runtime knows too little about the elements to simplify any of it. Kernels wait by themselves and need none of it.
 */
export const lowerBarrier: Lowering<"barrier"> = (emit, node, [x, ...after]) => {
  const zeros = after.flatMap((value, i) => {
    if (sizeOf(node.inputs[i + 1]?.shape ?? []) === 0) return [];
    const flat = emit.op("Reshape", [value, emit.integers([-1])]);
    const first = emit.op("Gather", [flat, emit.integers([0])], { axis: 0 });
    return [emit.op("Mul", [emit.cast(first, "int64"), emit.integers([0])])];
  });
  if (zeros.length === 0) return x as string;
  const shape = zeros.reduce((sum, zero) => emit.op("Add", [sum, zero]), emit.integers(node.shape));
  const late = emit.op("Reshape", [x as string, shape], node.shape.includes(0) ? { allowzero: 1 } : {});
  emit.inner.push({ name: late, dtype: node.dtype, shape: node.shape });
  return late;
};
