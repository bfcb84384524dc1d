import type { DType } from "../host-tensor.ts";

/** Element types that the graph shares with tfjs. */
export type VisibleType = Exclude<DType, "uint8" | "bfloat16">;

/** What tfjs sees of an element type: bytes are integers and bfloat16 are float32 to it, since it has neither. */
export function visibleType(dtype: DType): VisibleType {
  if (dtype === "uint8") return "int32";
  return dtype === "bfloat16" ? "float32" : dtype;
}
