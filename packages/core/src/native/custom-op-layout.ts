import type { DType } from "../host-tensor.ts";
import type { RowProgram } from "./row-program.ts";

/** A row program that ONNX Runtime shall know as an operator. */
export interface CustomOpRequest {
  /** Operator type, unique in its domain. Any number of nodes may use it. */
  readonly name: string;
  readonly program: RowProgram;
  /** Shapes of the tensors that the program's outputs are, in order. (Inputs are read through their row offsets only.) */
  readonly outputShapes: readonly (readonly number[])[];
  /**
   * Outputs that are written into the memory of an input, one for each, as one piece of several that make a tensor: these
   * inputs follow the program's. Nothing else may read them.
   */
  readonly onto?: readonly number[];
  /** So many further inputs of any type come last. They are not read: they make the node wait for others. */
  readonly after: number;
}

/** Version of ONNX Runtime's C interface that the structure below is written for. Later libraries accept it. */
export const apiVersion = 24;

/** Functions of `OrtCustomOp`, in the order of onnxruntime_c_api.h. They follow an 8-byte field with the version. */
export const opFunctions = [
  "CreateKernel",
  "GetName",
  "GetExecutionProviderType",
  "GetInputType",
  "GetInputTypeCount",
  "GetOutputType",
  "GetOutputTypeCount",
  "KernelCompute",
  "KernelDestroy",
  "GetInputCharacteristic",
  "GetOutputCharacteristic",
  "GetInputMemoryType",
  "GetVariadicInputMinArity",
  "GetVariadicInputHomogeneity",
  "GetVariadicOutputMinArity",
  "GetVariadicOutputHomogeneity",
  "CreateKernelV2",
  "KernelComputeV2",
  "InferOutputShapeFn",
  "GetStartVersion",
  "GetEndVersion",
  "GetMayInplace",
  "ReleaseMayInplace",
  "GetAliasMap",
  "ReleaseAliasMap",
] as const;
/** One of them. */
export type OpFunction = (typeof opFunctions)[number];

/** Behind the functions, a word of ours: the address of the `OrtApi`, which CreateKernelV2 leaves there. */
export const apiField = 8 + 8 * opFunctions.length;
const structBytes = apiField + 8;

/** `ONNXTensorElementDataType`; 0 accepts any. */
const elementTypes: Record<DType, number> = { float32: 1, uint8: 2, int32: 6, bool: 9, bfloat16: 16 };
const anyType = 0;

/** Where the parts of an operator lie, as offsets from the start of the memory for all of them. */
export interface OpLayout {
  readonly struct: number;
  readonly name: number;
  readonly inputTypes: number;
  readonly outputTypes: number;
  readonly outputShapes: readonly number[];
  readonly overwritableInputs: number;
  readonly overwritingOutputs: number;
  readonly continuedInputs: number;
  readonly continuingOutputs: number;
  readonly end: number;
}

/**
 * Places the parts of an operator one after the other.
 *
 * @throws RangeError when the number of output shapes is not that of the outputs.
 */
export function layOut(
  { name, program, outputShapes, onto = [], after }: CustomOpRequest,
  pairs: number,
  start: number,
): OpLayout {
  if (outputShapes.length !== program.outputs.length) {
    throw new RangeError(
      `operator ${name} has ${program.outputs.length} outputs, but ${outputShapes.length} output shapes were given`,
    );
  }
  let next = start;
  const place = (bytes: number) => {
    const at = next;
    next += Math.ceil(bytes / 8) * 8;
    return at;
  };
  return {
    struct: place(structBytes),
    name: place(new TextEncoder().encode(name).length + 1),
    inputTypes: place(4 * (program.inputs.length + onto.length + after)),
    outputTypes: place(4 * program.outputs.length),
    outputShapes: outputShapes.map((shape) => place(8 * shape.length)),
    overwritableInputs: place(4 * pairs),
    overwritingOutputs: place(4 * pairs),
    continuedInputs: place(4 * onto.length),
    continuingOutputs: place(4 * onto.length),
    end: next,
  };
}

/** Writes what is constant: the name, types, shapes, and which inputs may or must be overwritten. */
export function writeData(
  view: DataView,
  { name, program, outputShapes, onto = [], after }: CustomOpRequest,
  layout: OpLayout,
  pairs: readonly [input: number, output: number][],
): void {
  const int32 = (at: number, values: readonly number[]) => {
    for (const [index, value] of values.entries()) view.setInt32(at + 4 * index, value, true);
  };
  for (const [index, byte] of new TextEncoder().encode(name).entries()) view.setUint8(layout.name + index, byte);
  const inputTypes = program.inputs.map(({ dtype }) => elementTypes[dtype]);
  const outputTypes = program.outputs.map((output) => elementTypes[output.kind === "store" ? output.dtype : "float32"]);
  const continuedTypes = onto.map((output) => outputTypes[output] as number);
  int32(layout.inputTypes, [...inputTypes, ...continuedTypes, ...new Array<number>(after).fill(anyType)]);
  int32(layout.outputTypes, outputTypes);
  for (const [index, shape] of outputShapes.entries()) {
    for (const [axis, size] of shape.entries()) {
      view.setBigInt64(layout.outputShapes[index]! + 8 * axis, BigInt(size), true);
    }
  }
  int32(
    layout.overwritableInputs,
    pairs.map(([input]) => input),
  );
  int32(
    layout.overwritingOutputs,
    pairs.map(([, output]) => output),
  );
  int32(
    layout.continuedInputs,
    onto.map((_, index) => program.inputs.length + index),
  );
  int32(layout.continuingOutputs, onto);
}
