import { Assembler } from "./assembler.ts";
import { capability } from "./capability.ts";
import { compileLoop } from "./compile.ts";
import { writeFunctions } from "./custom-op-code.ts";
import { apiVersion, type CustomOpRequest, layOut, opFunctions, writeData } from "./custom-op-layout.ts";
import { allocateMemory, executableMemory } from "./executable-memory.ts";
import { mayOverwrite } from "./plan.ts";
import type { RowProgram } from "./row-program.ts";
import { scratchPieces, scratchPoolBytes, writeScratchPool } from "./scratch.ts";
import type { Target } from "./vector-code.ts";

/** Operators in memory, ready for `CustomOpDomain_Add`. */
export interface CustomOps {
  readonly ops: readonly { readonly name: string; readonly address: bigint }[];
  /** Releases code and data. Sessions that use the operators, and their domain, must be released before. */
  dispose(): void;
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
  const data = allocateMemory(firstPiece + scratchPieces * pieceBytes, firstPiece);
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
    for (const [place, name] of opFunctions.entries()) {
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
