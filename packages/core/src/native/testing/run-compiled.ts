import { type DataOf, type DType, newData } from "../../host-tensor.ts";
import { koffi } from "../../load-koffi.ts";
import { Assembler } from "../assembler.ts";
import { compileLoop } from "../compile.ts";
import { allocateMemory, executableMemory } from "../executable-memory.ts";
import type { RowProgram } from "../row-program.ts";
import { scratchPieces, scratchPoolBytes, writeScratchPool } from "../scratch.ts";
import type { Target } from "../vector-code.ts";

/** A compiled program that is called directly, without ONNX Runtime: so that tests see what its code alone does. */
export interface RunnableProgram {
  /** Runs on this thread. Arrays that are given for outputs are written, and returned. */
  run(inputs: readonly DataOf<DType>[], outputs?: readonly DataOf<DType>[]): readonly DataOf<DType>[];
  release(): void;
}

/** Compiles one program for a target that this machine must have. */
export function compileRunnable(program: RowProgram, target: Target): RunnableProgram {
  const asm = new Assembler();
  const { entry, blocks, scratchBytes } = compileLoop(asm, program, target);
  const code = executableMemory(asm.finish());
  const memory = allocateMemory(scratchPoolBytes + 64 + scratchPieces * scratchBytes, scratchPoolBytes);
  const firstPiece = (memory.address + BigInt(scratchPoolBytes) + 63n) & ~63n;
  writeScratchPool(new DataView(memory.bytes.buffer), 0, firstPiece, scratchBytes);
  const { address, decode, proto } = koffi();
  const loop = decode(code.address + BigInt(entry.position!), proto("void (void* data, size_t block)")) as (
    data: BigUint64Array,
    block: number,
  ) => void;
  return {
    run(inputs, given) {
      const outputs =
        given ??
        program.outputs.map((output) =>
          output.kind === "store"
            ? newData(output.dtype, output.size)
            : newData("float32", output.chunks * program.columns),
        );
      const data = new BigUint64Array([...inputs, ...outputs].map((array) => address(array)).concat(memory.address));
      for (let block = 0; block < blocks; block++) loop(data, block);
      return outputs;
    },
    release() {
      code.release();
      memory.release();
    },
  };
}
