import type { DType } from "../host-tensor.ts";
import { Assembler, gpr, type Label } from "./assembler.ts";
import { capability } from "./capability.ts";
import { type CompiledLoop, compileLoop } from "./compile.ts";
import { allocateMemory, executableMemory } from "./executable-memory.ts";
import { mayOverwrite } from "./plan.ts";
import type { RowProgram } from "./row-program.ts";
import { scratchPieces, scratchPoolBytes, writeScratchPool } from "./scratch.ts";
import type { Target } from "./vector-code.ts";

/** A row program that ONNX Runtime shall know as an operator. */
export interface CustomOpRequest {
  /** Operator type, unique in its domain. Any number of nodes may use it. */
  readonly name: string;
  readonly program: RowProgram;
  /** Shapes of the tensors that the program's outputs are, in order. (Inputs are read through their row offsets only.) */
  readonly outputShapes: readonly (readonly number[])[];
  /** So many further inputs of any type follow the program's. They are not read: they make the node wait for others. */
  readonly after: number;
}

/** Operators in memory, ready for `CustomOpDomain_Add`. */
export interface CustomOps {
  readonly ops: readonly { readonly name: string; readonly address: bigint }[];
  /** Releases code and data. Sessions that use the operators, and their domain, must be released before. */
  dispose(): void;
}

/** Version of ONNX Runtime's C interface that the structure below is written for. Later libraries accept it. */
const apiVersion = 24;

/** Functions of `OrtCustomOp`, in the order of onnxruntime_c_api.h. They follow an 8-byte field with the version. */
const functions = [
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
type OpFunction = (typeof functions)[number];

/** Behind the functions, a word of ours: the address of the `OrtApi`, which CreateKernelV2 leaves there. */
const apiField = 8 + 8 * functions.length;
const structBytes = apiField + 8;

/** Places of the functions that kernels call, in the `OrtApi`. The table is only ever appended to. */
const api = { tensorMutableData: 51, contextInput: 90, contextOutput: 91, contextParallelFor: 274 };

/** `ONNXTensorElementDataType`; 0 accepts any. */
const elementTypes: Record<DType, number> = { float32: 1, uint8: 2, int32: 6, bool: 9 };
const anyType = 0;

/** Places an operator's data in memory one after the other; offsets are from the start of the memory. */
interface Layout {
  readonly struct: number;
  readonly name: number;
  readonly inputTypes: number;
  readonly outputTypes: number;
  readonly outputShapes: readonly number[];
  readonly overwritableInputs: number;
  readonly overwritingOutputs: number;
  readonly end: number;
}

/**
 * Compiles row programs and lays out an `OrtCustomOp` for each.
 *
 * An operator tells ONNX Runtime which outputs may take over the memory of which inputs (`mayOverwrite`). Its shapes
 * are static; models should state them (`value_info`), because the runtime reuses memory only where it knows shapes.
 *
 * @throws Error when nothing can be compiled on this machine; ask `capability()` first.
 */
export function createCustomOps(requests: readonly CustomOpRequest[], target: Target = bestTarget()): CustomOps {
  const asm = new Assembler();
  const loops = requests.map(({ program }) => compileLoop(asm, program, target));
  const overwrites = requests.map(({ program }) => overwritePairs(program));

  let end = scratchPoolBytes;
  const layouts = requests.map((request, index) => {
    const layout = layOut(request, overwrites[index]!.length, Math.ceil(end / 8) * 8);
    end = layout.end;
    return layout;
  });
  const firstPiece = Math.ceil(end / 64) * 64;
  const pieceBytes = Math.max(0, ...loops.map(({ scratchBytes }) => scratchBytes));
  const data = allocateMemory(firstPiece + scratchPieces * pieceBytes);
  const view = new DataView(data.bytes.buffer);
  writeScratchPool(view, 0, data.address + BigInt(firstPiece), pieceBytes);

  const stubs = requests.map((request, index) => {
    const layout = layouts[index]!;
    writeData(view, request, layout, overwrites[index]!);
    return writeFunctions(asm, request, layout, loops[index]!, overwrites[index]!.length, data.address);
  });
  const code = executableMemory(asm.finish());
  for (const [index, labels] of stubs.entries()) {
    const { struct } = layouts[index]!;
    view.setUint32(struct, apiVersion, true);
    for (const [place, name] of functions.entries()) {
      const label = labels[name];
      const address = label === undefined ? 0n : code.address + BigInt(label.position!);
      view.setBigUint64(struct + 8 + 8 * place, address, true);
    }
  }
  return {
    ops: requests.map(({ name }, index) => ({ name, address: data.address + BigInt(layouts[index]!.struct) })),
    dispose() {
      code.release();
      data.release();
    },
  };
}

function bestTarget(): Target {
  const found = capability();
  if (!found.available) throw new Error(`operations cannot be compiled here: ${found.reason}`);
  return found.targets.at(-1)!;
}

/** All [input, output] where the output may overwrite the input. */
function overwritePairs(program: RowProgram): [input: number, output: number][] {
  return program.outputs.flatMap((_, output) =>
    program.inputs.flatMap((__, input): [number, number][] =>
      mayOverwrite(program, output, input) ? [[input, output]] : [],
    ),
  );
}

function layOut({ name, program, outputShapes, after }: CustomOpRequest, pairs: number, start: number): Layout {
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
    inputTypes: place(4 * (program.inputs.length + after)),
    outputTypes: place(4 * program.outputs.length),
    outputShapes: outputShapes.map((shape) => place(8 * shape.length)),
    overwritableInputs: place(4 * pairs),
    overwritingOutputs: place(4 * pairs),
    end: next,
  };
}

function writeData(
  view: DataView,
  { name, program, outputShapes, after }: CustomOpRequest,
  layout: Layout,
  pairs: readonly [input: number, output: number][],
): void {
  const int32 = (at: number, values: readonly number[]) => {
    for (const [index, value] of values.entries()) view.setInt32(at + 4 * index, value, true);
  };
  for (const [index, byte] of new TextEncoder().encode(name).entries()) view.setUint8(layout.name + index, byte);
  const inputTypes = program.inputs.map(({ dtype }) => elementTypes[dtype]);
  int32(layout.inputTypes, [...inputTypes, ...new Array<number>(after).fill(anyType)]);
  int32(
    layout.outputTypes,
    program.outputs.map((output) => elementTypes[output.kind === "store" ? output.dtype : "float32"]),
  );
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
}

/** Appends the functions of one operator. Those that stay undefined have null pointers in the structure. */
function writeFunctions(
  asm: Assembler,
  { program, outputShapes, after }: CustomOpRequest,
  layout: Layout,
  loop: CompiledLoop,
  pairs: number,
  dataStart: bigint,
): Partial<Record<OpFunction, Label>> {
  const address = (offset: number) => dataStart + BigInt(offset);
  const written: Partial<Record<OpFunction, Label>> = {};
  const write = (names: readonly OpFunction[], body: () => void): void => {
    const label = asm.label(names[0]!);
    asm.align(16);
    asm.bind(label);
    body();
    for (const name of names) written[name] = label;
  };
  const constant = (value: number | bigint) => () => {
    asm.constant(gpr.rax, value);
    asm.ret();
  };
  const element = (table: number) => () => {
    asm.constant(gpr.rax, address(table));
    asm.loadInt32(gpr.rax, { base: gpr.rax, index: gpr.rsi, scale: 4 });
    asm.ret();
  };
  write(["GetName"], constant(address(layout.name)));
  // A null name of the execution provider means the CPU; required inputs and default memory are 0.
  write(
    ["GetExecutionProviderType", "GetInputCharacteristic", "GetOutputCharacteristic", "GetInputMemoryType"],
    constant(0),
  );
  write(["GetInputType"], element(layout.inputTypes));
  write(["GetInputTypeCount"], constant(program.inputs.length + after));
  write(["GetOutputType"], element(layout.outputTypes));
  write(["GetOutputTypeCount"], constant(program.outputs.length));
  write(["GetStartVersion"], constant(1));
  write(["GetEndVersion"], constant(0x7fffffff));
  write(["KernelDestroy", "ReleaseMayInplace"], () => asm.ret());
  write(["GetMayInplace"], () => {
    // (int** inputs, int** outputs) -> number of pairs
    asm.constant(gpr.rax, address(layout.overwritableInputs));
    asm.store({ base: gpr.rdi }, gpr.rax);
    asm.constant(gpr.rax, address(layout.overwritingOutputs));
    asm.store({ base: gpr.rsi }, gpr.rax);
    asm.constant(gpr.rax, pairs);
    asm.ret();
  });
  write(["CreateKernelV2"], () => {
    // (op, api, info, void** kernel) -> status: the operator is its own kernel.
    asm.store({ base: gpr.rdi, displacement: apiField }, gpr.rsi);
    asm.store({ base: gpr.rcx }, gpr.rdi);
    asm.constant(gpr.rax, 0);
    asm.ret();
  });
  write(["KernelComputeV2"], () =>
    writeCompute(asm, {
      inputs: program.inputs.length,
      outputs: outputShapes.map((shape, index) => ({
        rank: shape.length,
        dimensions: address(layout.outputShapes[index]!),
      })),
      loop,
      scratchPool: dataStart,
    }),
  );
  return written;
}

interface Compute {
  readonly inputs: number;
  readonly outputs: readonly { readonly rank: number; readonly dimensions: bigint }[];
  readonly loop: CompiledLoop;
  readonly scratchPool: bigint;
}

/**
 * Appends `OrtStatus* compute(kernel, context)`: finds the addresses of all tensors, then has the runtime's threads call
 * the loop for each block. Whatever status is not null is returned at once.
 */
function writeCompute(asm: Assembler, { inputs, outputs, loop, scratchPool }: Compute): void {
  const { rax, rcx, rdx, rbx, rsi, rdi, rsp, r8, r12 } = gpr;
  const failed = asm.label("failed");
  const tensor = { base: rsp, displacement: 0 };
  const dataWord = (index: number) => ({ base: rsp, displacement: 8 + 8 * index });
  const words = 1 + inputs + outputs.length + 1;
  // Two pushes and the return address are 24 bytes; calls need a stack aligned to 16.
  const frameBytes = Math.ceil((words * 8 + 24) / 16) * 16 - 24;
  const call = (place: number) => {
    asm.call({ base: rbx, displacement: 8 * place });
    asm.arithmeticConstant("cmp", rax, 0);
    asm.jumpIf("notEqual", failed);
  };
  const readAddress = (index: number) => {
    asm.mov(rdi, tensor);
    asm.lea(rsi, dataWord(index));
    call(api.tensorMutableData);
  };

  asm.push(rbx);
  asm.push(r12);
  asm.arithmeticConstant("sub", rsp, frameBytes);
  asm.mov(rbx, { base: rdi, displacement: apiField });
  asm.mov(r12, rsi);
  for (let index = 0; index < inputs; index++) {
    asm.mov(rdi, r12);
    asm.constant(rsi, index);
    asm.lea(rdx, tensor);
    call(api.contextInput);
    readAddress(index);
  }
  for (const [index, { rank, dimensions }] of outputs.entries()) {
    asm.mov(rdi, r12);
    asm.constant(rsi, index);
    asm.constant(rdx, dimensions);
    asm.constant(rcx, rank);
    asm.lea(r8, tensor);
    call(api.contextOutput);
    readAddress(inputs + index);
  }
  asm.constant(rax, scratchPool);
  asm.store(dataWord(inputs + outputs.length), rax);
  if (loop.blocks === 1) {
    asm.lea(rdi, dataWord(0));
    asm.constant(rsi, 0);
    asm.lea(rax, { label: loop.entry });
    asm.call(rax);
  } else if (loop.blocks > 1) {
    asm.mov(rdi, r12);
    asm.lea(rsi, { label: loop.entry });
    asm.constant(rdx, loop.blocks);
    asm.constant(rcx, loop.blocks);
    asm.lea(r8, dataWord(0));
    call(api.contextParallelFor);
  }
  asm.constant(rax, 0);
  asm.bind(failed);
  asm.arithmeticConstant("add", rsp, frameBytes);
  asm.pop(r12);
  asm.pop(rbx);
  asm.ret();
}
