import { type Assembler, gpr, type Label } from "./assembler.ts";
import type { CompiledLoop } from "./compile.ts";
import { apiField, type CustomOpRequest, type OpFunction, type OpLayout } from "./custom-op-layout.ts";

/** Places of the functions that kernels call, in the `OrtApi`. The table is only ever appended to. */
const api = { tensorMutableData: 51, contextInput: 90, contextOutput: 91, contextParallelFor: 274 };

/** Appends the functions of one operator. Those that stay undefined have null pointers in the structure. */
export function writeFunctions(
  asm: Assembler,
  { program, outputShapes, onto = [], after }: CustomOpRequest,
  layout: OpLayout,
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
  write(["GetInputTypeCount"], constant(program.inputs.length + onto.length + after));
  write(["GetOutputType"], element(layout.outputTypes));
  write(["GetOutputTypeCount"], constant(program.outputs.length));
  write(["GetStartVersion"], constant(1));
  write(["GetEndVersion"], constant(0x7fffffff));
  write(["KernelDestroy", "ReleaseMayInplace", "ReleaseAliasMap"], () => asm.ret());
  // (int** inputs, int** outputs) -> number of pairs
  const inputsOfOutputs = (inputs: number, outputs: number, count: number) => () => {
    asm.constant(gpr.rax, address(inputs));
    asm.store({ base: gpr.rdi }, gpr.rax);
    asm.constant(gpr.rax, address(outputs));
    asm.store({ base: gpr.rsi }, gpr.rax);
    asm.constant(gpr.rax, count);
    asm.ret();
  };
  write(["GetMayInplace"], inputsOfOutputs(layout.overwritableInputs, layout.overwritingOutputs, pairs));
  write(["GetAliasMap"], inputsOfOutputs(layout.continuedInputs, layout.continuingOutputs, onto.length));
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
