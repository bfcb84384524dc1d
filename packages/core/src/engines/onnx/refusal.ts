import type { OnnxModel } from "./model.ts";

// How ONNX Runtime names what it refuses: "in node (12_MatMul)", "node with name '12_Neg'".
const refusedNode = /\bnode (?:with name )?[('](\d+)_/i;

/**
 * The error of a program that ONNX Runtime refuses to load, with the operation that it refuses: an operation of a type that the
 * library lacks, which inference (`graph/infer.ts`) should have refused, or the rule that recorded it should have cast.
 */
export function refusal(error: Error, { name, nodes }: OnnxModel): Error {
  const [, index] = refusedNode.exec(error.message) ?? [];
  const origin = index === undefined ? undefined : nodes[Number(index)]?.origin;
  if (!origin) return error;
  return new Error(
    `internal: ONNX Runtime cannot run ${origin} of program "${name}"; cast its operands to float32, or to int32, and please report ` +
      `it (${error.message})`,
    { cause: error },
  );
}
