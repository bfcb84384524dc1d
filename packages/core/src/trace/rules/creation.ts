import type { Node } from "../../graph/graph.ts";
import { type DType, hostTensor } from "../../host-tensor.ts";
import type { Rules } from "../rule.ts";

/** Kernels that make tensors out of attributes. */
export const creationRules: Rules = {
  Fill: (emit, _, { shape, value, dtype }) =>
    emit.full(Number(value), (dtype as DType | undefined) ?? "float32", shape as number[]),
  LinSpace: (emit, _, { start, stop, num }) => {
    const [first, last, count] = [start as number, stop as number, num as number];
    const values = Float32Array.from(
      { length: count },
      (__, i) => first + (i * (last - first)) / Math.max(1, count - 1),
    );
    return emit.constant(hostTensor("float32", [count], values));
  },
  OnesLike: (emit, { x }) => emit.full(1, (x as Node).dtype, (x as Node).shape),
  Range: (emit, _, { start, stop, step, dtype }) => {
    const [first, last, by] = [start as number, stop as number, step as number];
    const count = Math.max(0, Math.ceil((last - first) / by));
    const values = Array.from({ length: count }, (__, i) => first + i * by);
    return dtype === "int32"
      ? emit.constant(hostTensor("int32", [count], Int32Array.from(values)))
      : emit.constant(hostTensor("float32", [count], Float32Array.from(values)));
  },
  ZerosLike: (emit, { x }) => emit.full(0, (x as Node).dtype, (x as Node).shape),
};
