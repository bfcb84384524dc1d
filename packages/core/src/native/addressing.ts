import { bytesPerElement } from "../host-tensor.ts";
import { isDense, simplifyOffset } from "./analysis.ts";
import { type Assembler, type Gpr, gpr, type Memory } from "./assembler.ts";
import { sumLanes } from "./row-code.ts";
import { type RowOffset, type RowProgram, sameForEveryRow } from "./row-program.ts";
import { rowAddress } from "./scalar-code.ts";
import type { ElementReference } from "./vector-code.ts";

/** Registers with fixed parts in a compiled loop; rax, rcx and rdx are free for address arithmetic. */
export const role = {
  /** The array of addresses that the loop is called with. */
  data: gpr.r15,
  row: gpr.r14,
  /** Where the rows of this block end, or its columns if there is one row. */
  end: gpr.r13,
  column: gpr.r12,
  scratch: gpr.rbx,
} as const;

/** Registers that hold the addresses of operands. */
const pointerRegisters: readonly Gpr[] = [gpr.rsi, gpr.rdi, gpr.r8, gpr.r9, gpr.r10, gpr.r11, gpr.rbp];

const lineBytes = 64;
/** How far ahead rows are brought near, in bytes of whole rows: about as long as memory takes to answer. */
const prefetchDistance = 2048;
/** Bytes at the beginning of a row that are: by then the processor has seen that there are more. */
const prefetchedBytes = 1024;

/** An operand in memory: its number among inputs and outputs, and where its rows lie. */
export interface Operand {
  readonly pointer: number;
  readonly bytes: 1 | 2 | 4;
  readonly offset: RowOffset;
  /** Whether its elements vary along the row. */
  readonly isWalked: boolean;
  /** Whether it sums over the rows of a block: then it has one row for each block. */
  readonly isAccumulated: boolean;
}

/** Words of the stack frame, 64 bits each, at the stack pointer. */
export class FrameWords {
  private words = 0;

  get count(): number {
    return this.words;
  }

  next(): Memory {
    return { base: gpr.rsp, displacement: 8 * this.words++ };
  }
}

/** Finds the elements of operands and of scratch rows. */
export class Addressing {
  readonly operands: readonly Operand[];
  readonly scratchRowBytes: number;
  /** Inputs with rows that do not lie one after the other. */
  private readonly scattered: readonly Operand[];
  /** Where the address of the current row of each walked operand is: in a register, or in a word of the frame. */
  private readonly pointers = new Map<number, Gpr | Memory>();

  /** `block` is the word of the frame that holds the number of the block. */
  constructor(
    private readonly asm: Assembler,
    private readonly program: RowProgram,
    private readonly block: Memory,
    frame: FrameWords,
  ) {
    this.operands = operandsOf(program);
    // Whole vectors are kept in scratch rows, also at the end of a row.
    this.scratchRowBytes = Math.ceil(program.columns / sumLanes) * sumLanes * 4;
    const { inputs, rows, columns } = program;
    this.scattered = this.operands
      .slice(0, columns === 0 ? 0 : inputs.length)
      .filter(({ isWalked, offset }) => isWalked && offset.terms.length > 0 && !isDense(offset, rows, columns));
    const walked = this.operands.filter(({ isWalked }) => isWalked);
    for (const [index, { pointer }] of walked.entries()) {
      this.pointers.set(pointer, pointerRegisters[index] ?? frame.next());
    }
  }

  /** The word that holds the address of an operand, or what follows those. */
  dataWord(index: number): Memory {
    return { base: role.data, displacement: 8 * index };
  }

  /** Puts the address of the current row of a walked operand where loops expect it. Changes rax, rcx and rdx. */
  setPointer(operand: Operand): void {
    const { asm } = this;
    const place = this.pointers.get(operand.pointer)!;
    this.rowAddress(operand);
    if (operand.isAccumulated) {
      asm.mov(gpr.rcx, this.block);
      asm.multiplyConstant(gpr.rcx, gpr.rcx, this.program.columns * 4);
      asm.arithmetic("add", gpr.rax, gpr.rcx);
    }
    if (typeof place === "number") asm.mov(place, gpr.rax);
    else asm.store(place, gpr.rax);
  }

  /**
   * Starts to bring the beginnings of later rows near, of inputs whose rows do not follow each other: the processor foresees
   * the rest of a row, but not where the next one is. Changes rax, rcx and rdx.
   */
  prefetchRows(): void {
    const { asm } = this;
    for (const operand of this.scattered) {
      const rowBytes = this.program.columns * operand.bytes;
      const rowsAhead = Math.max(1, Math.round(prefetchDistance / rowBytes));
      // Past the last row there may be no memory, which a prefetch may be of.
      asm.arithmeticConstant("add", role.row, rowsAhead);
      this.rowAddress(operand);
      asm.arithmeticConstant("sub", role.row, rowsAhead);
      for (let displacement = 0; displacement < Math.min(rowBytes, prefetchedBytes); displacement += lineBytes) {
        asm.prefetch({ base: gpr.rax, displacement });
      }
    }
  }

  /** Elements, `bytes` wide, at the current column and after it. May change rax. */
  element({ pointer, column }: ElementReference, bytes: 1 | 2 | 4): Memory {
    const at = { index: role.column, scale: bytes, displacement: column * bytes } as const;
    const scratchRow = pointer - this.operands.length;
    if (scratchRow >= 0) {
      return { ...at, base: role.scratch, displacement: scratchRow * this.scratchRowBytes + at.displacement };
    }
    const place = this.pointers.get(pointer)!;
    if (typeof place === "number") return { ...at, base: place };
    this.asm.mov(gpr.rax, place);
    return { ...at, base: gpr.rax };
  }

  /** The one element of the current row. Changes rax, rcx and rdx. */
  rowElement({ pointer }: ElementReference): Memory {
    this.rowAddress(this.operands[pointer]!);
    return { base: gpr.rax };
  }

  private rowAddress({ pointer, offset, bytes }: Operand): void {
    const { rows } = this.program;
    rowAddress(this.asm, { start: this.dataWord(pointer), offset, bytes, row: role.row, rows });
  }
}

function operandsOf({ inputs, outputs, rows }: RowProgram): Operand[] {
  const operands: Omit<Operand, "pointer">[] = [];
  for (const operand of [...inputs, ...outputs]) {
    if ("chunks" in operand) {
      operands.push({ bytes: 4, offset: sameForEveryRow, isWalked: true, isAccumulated: true });
      continue;
    }
    const { dtype, rowOffset, columnStride } = operand;
    operands.push({
      bytes: bytesPerElement(dtype) as Operand["bytes"],
      offset: simplifyOffset(rowOffset, rows),
      isWalked: columnStride === 1,
      isAccumulated: false,
    });
  }
  return operands.map((operand, pointer) => ({ pointer, ...operand }));
}
