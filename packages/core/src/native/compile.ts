import { analyse, simplifyOffset, type ValueFacts } from "./analysis.ts";
import { type Assembler, type Gpr, gpr, type Label, type Memory } from "./assembler.ts";
import { Emitter } from "./emit.ts";
import { flatten, makePlan, type Plan } from "./plan.ts";
import { allocatable, allocate, pressure } from "./registers.ts";
import { type Accumulators, RowCode } from "./row-code.ts";
import type { RowOffset, RowProgram } from "./row-program.ts";
import { rowAddress } from "./scalar-code.ts";
import { claimScratch, releaseScratch } from "./scratch.ts";
import { lanesOf, type Target, type Variable, Variables, VectorCode } from "./vector-code.ts";
import { vzeroupper } from "./vector-instructions.ts";

/** A compiled program: a function `void loop(void** data, size_t block)` that may run for all blocks at the same time. */
export interface CompiledLoop {
  readonly entry: Label;
  /** Calls that make up the whole work, one for each block from 0. */
  readonly blocks: number;
  /**
   * Bytes of scratch memory that each running call needs; 0 if none. `data` holds the addresses of the inputs, then of
   * the outputs, then, if scratch is needed, that of a scratch pool (`scratch.ts`).
   */
  readonly scratchBytes: number;
}

/** Elements in a block, about: 5 to 50 µs of work, so that threads share evenly and handing over costs little. */
const blockElements = 1 << 14;

/** Registers with fixed parts. The others hold pointers; rax, rcx and rdx are free for address arithmetic. */
const data = gpr.r15;
const row = gpr.r14;
const end = gpr.r13;
const column = gpr.r12;
const scratch = gpr.rbx;
const pointerRegisters: readonly Gpr[] = [gpr.rsi, gpr.rdi, gpr.r8, gpr.r9, gpr.r10, gpr.r11, gpr.rbp];
const calleeSaved: readonly Gpr[] = [gpr.rbx, gpr.rbp, gpr.r12, gpr.r13, gpr.r14, gpr.r15];

/** Scratch rows are padded to whole steps of the longest loop body. */
const scratchPadding = 32;

/** Vector registers that a loop keeps for what is not pinned, at least. */
const unpinned = 6;

/** Appends the code of a program. */
export function compileLoop(asm: Assembler, given: RowProgram, target: Target): CompiledLoop {
  const program = flatten(given);
  return new LoopCompiler(asm, program, analyse(program), target).compile();
}

/** An operand in memory: its number among inputs and outputs, and where its rows lie. */
interface Operand {
  readonly pointer: number;
  readonly bytes: 1 | 4;
  readonly offset: RowOffset;
  /** Whether its elements vary along the row. */
  readonly isWalked: boolean;
  readonly isAccumulated: boolean;
}

class LoopCompiler {
  private readonly plan: Plan;
  private readonly variables: Variables;
  private readonly rowCode: RowCode;
  private readonly emitter: Emitter;
  private readonly lanes: number;
  private readonly operands: readonly Operand[];
  /** Where the address of the current row of each walked operand is: in a register, or in a word of the frame. */
  private readonly pointers = new Map<number, Gpr | Memory>();
  private readonly scratchRowBytes: number;
  private frameWords = 0;
  private readonly frameBytes: Label;
  private readonly callerStack = this.frameWord();
  private readonly block = this.frameWord();
  private readonly scratchNumber = this.frameWord();
  private readonly hasTail = this.frameWord();

  constructor(
    private readonly asm: Assembler,
    private readonly program: RowProgram,
    facts: readonly ValueFacts[],
    private readonly target: Target,
  ) {
    this.plan = makePlan(program, facts);
    this.variables = new Variables(target);
    this.rowCode = new RowCode(program, facts, this.plan, this.variables);
    this.lanes = lanesOf(target);
    this.operands = operandsOf(program);
    this.scratchRowBytes = Math.ceil(program.columns / scratchPadding) * scratchPadding * 4;
    if (this.plan.scratch.size * this.scratchRowBytes >= 2 ** 31) {
      throw new RangeError(`rows of ${program.columns} columns are too long for this program's scratch memory`);
    }
    this.frameBytes = asm.label("frame bytes");
    const walked = this.operands.filter(({ isWalked }) => isWalked);
    for (const [index, { pointer }] of walked.entries()) {
      this.pointers.set(pointer, pointerRegisters[index] ?? this.frameWord());
    }
    this.emitter = new Emitter(asm, target, {
      element: (reference, bytes) => this.element(reference.pointer, reference.column, bytes),
      rowElement: ({ pointer }) => this.rowElement(pointer),
      column,
      row,
      frameWords: this.frameWords,
    });
  }

  compile(): CompiledLoop {
    const { asm, emitter } = this;
    const entry = asm.label("loop");
    asm.align(16);
    asm.bind(entry);
    for (const register of calleeSaved) asm.push(register);
    asm.mov(gpr.rax, gpr.rsp);
    asm.arithmetic("sub", gpr.rsp, { label: this.frameBytes });
    asm.arithmeticConstant("and", gpr.rsp, -64);
    asm.store(this.callerStack, gpr.rax);
    asm.store(this.block, gpr.rsi);
    asm.mov(data, gpr.rdi);
    const pool = this.dataWord(this.operands.length);
    const usesScratch = this.plan.scratch.size > 0;
    if (usesScratch) claimScratch(asm, pool, scratch, this.scratchNumber);
    const tail = this.program.columns % this.lanes;
    if (tail > 0) emitter.prepareTail(tail);

    const blocks = this.isOneRange() ? this.range() : this.rows();

    if (usesScratch) releaseScratch(asm, pool, this.scratchNumber);
    asm.mov(gpr.rsp, this.callerStack);
    for (const register of [...calleeSaved].reverse()) asm.pop(register);
    vzeroupper(asm);
    asm.ret();
    asm.align(64);
    emitter.finishPool();
    asm.bind(this.frameBytes);
    asm.int32(this.frameWords * 8 + 64 + (this.variables.stackSlots * this.lanes * 4 + 64));
    asm.int32(0);
    return { entry, blocks, scratchBytes: this.plan.scratch.size * this.scratchRowBytes };
  }

  /** Whether columns can be shared among threads: one row, and nothing that is one for the row. */
  private isOneRange(): boolean {
    const { rows, outputs } = this.program;
    const isSplit = outputs.every((output) => output.kind === "store" && output.columnStride === 1);
    return rows === 1 && isSplit && this.plan.phases.length === 1;
  }

  /** A block is a part of the one row. */
  private range(): number {
    const { asm } = this;
    const { columns } = this.program;
    const blocks = Math.ceil(columns / blockElements);
    const done = asm.label("done");
    asm.constant(row, 0);
    this.emitLine(this.rowCode.constants());
    for (const operand of this.operands) if (operand.isWalked) this.setPointer(operand);
    this.emitLine(this.rowCode.header(this.plan.phases[0]!, []));

    // column = block · blockElements; end = column + blockElements, in the last block the last whole vector.
    asm.mov(column, this.block);
    asm.multiplyConstant(column, column, blockElements);
    asm.lea(end, { base: column, displacement: blockElements });
    asm.constant(gpr.rcx, 0);
    const isNotLast = asm.label("not last");
    asm.arithmeticConstant("cmp", this.block, blocks - 1);
    asm.jumpIf("notEqual", isNotLast);
    asm.constant(end, columns - (columns % this.lanes));
    asm.constant(gpr.rcx, 1);
    asm.bind(isNotLast);
    asm.store(this.hasTail, gpr.rcx);

    this.loop(0, [], () => {
      const main = this.line(0, [], [0], undefined, true);
      const tail = columns % this.lanes > 0 ? this.line(0, [], [0], columns % this.lanes, true) : undefined;
      return {
        lines: tail === undefined ? [main] : [main, tail],
        isRepeated: true,
        emit: (pinned) => {
          const [again, rest] = [asm.label("columns"), asm.label("rest")];
          asm.bind(again);
          asm.arithmetic("cmp", column, end);
          asm.jumpIf("greaterOrEqual", rest);
          this.emitLine(main, pinned);
          asm.arithmeticConstant("add", column, this.lanes);
          asm.jump(again);
          asm.bind(rest);
          if (tail === undefined) return;
          asm.arithmeticConstant("cmp", this.hasTail, 0);
          asm.jumpIf("equal", done);
          this.emitLine(tail, pinned);
        },
      };
    });
    asm.bind(done);
    return blocks;
  }

  /** A block is a number of rows. */
  private rows(): number {
    const { asm } = this;
    const [again, done] = [asm.label("rows"), asm.label("done")];
    const blocks = this.rowsOfBlock();
    this.emitLine(this.rowCode.constants());
    for (const operand of this.operands) {
      if (operand.isWalked && operand.offset.terms.length === 0) this.setPointer(operand);
      if (operand.isAccumulated) this.clear(operand);
    }
    asm.bind(again);
    asm.arithmetic("cmp", row, end);
    asm.jumpIf("greaterOrEqual", done);
    for (const operand of this.operands) {
      if (operand.isWalked && operand.offset.terms.length > 0) this.setPointer(operand);
    }
    let reduced: Accumulators[] = [];
    for (const [index, phase] of this.plan.phases.entries()) {
      this.emitLine(this.rowCode.header(phase, reduced));
      reduced = this.columns(index);
    }
    asm.arithmeticConstant("add", row, 1);
    asm.jump(again);
    asm.bind(done);
    return blocks;
  }

  /** Sets `row` and `end` to the rows of this block. */
  private rowsOfBlock(): number {
    const { asm } = this;
    const { rows, columns, outputs } = this.program;
    const chunks = outputs.find((output) => output.kind === "accumulate")?.chunks;
    if (chunks !== undefined) {
      // Part k begins at row ⌊k · rows / chunks⌋.
      asm.constant(gpr.rcx, chunks);
      for (const [register, next] of [[row, 0] as const, [end, 1] as const]) {
        asm.mov(gpr.rax, this.block);
        asm.arithmeticConstant("add", gpr.rax, next);
        asm.multiplyConstant(gpr.rax, gpr.rax, rows);
        asm.constant(gpr.rdx, 0);
        asm.divide(gpr.rcx);
        asm.mov(register, gpr.rax);
      }
      return chunks;
    }
    const rowsPerBlock = Math.max(1, Math.round(blockElements / Math.max(columns, 1)));
    const blocks = Math.ceil(rows / rowsPerBlock);
    const isFull = asm.label("full block");
    asm.mov(row, this.block);
    asm.multiplyConstant(row, row, rowsPerBlock);
    asm.lea(end, { base: row, displacement: rowsPerBlock });
    asm.arithmeticConstant("cmp", end, rows);
    asm.jumpIf("less", isFull);
    asm.constant(end, rows);
    asm.bind(isFull);
    return blocks;
  }

  /** The loop over the columns of a row for one phase. */
  private columns(index: number): Accumulators[] {
    const { asm } = this;
    const phase = this.plan.phases[index]!;
    const { reductions, stores, keeps } = phase;
    if (reductions.length + stores.length + keeps.length === 0) return [];
    const { accumulators, identity } = this.rowCode.startReductions(phase);
    const copies = this.rowCode.unroll(phase);
    const step = copies * this.lanes;
    const whole = Math.floor(this.program.columns / this.lanes);
    const mainSteps = Math.floor(whole / copies);
    const rest = whole % copies;
    const tail = this.program.columns % this.lanes;
    const range = (count: number) => Array.from({ length: count }, (_, copy) => copy);

    this.loop(identity.size, [...identity], (isPinned) => {
      const main = mainSteps > 0 ? this.line(index, accumulators, range(copies), undefined, isPinned) : undefined;
      const singles = rest > 0 ? this.line(index, accumulators, range(rest), undefined, isPinned) : undefined;
      const partial = tail > 0 ? this.line(index, accumulators, [rest], tail, isPinned) : undefined;
      return {
        lines: [main, singles, partial].filter((line) => line !== undefined),
        isRepeated: mainSteps > 1,
        emit: (pinned) => {
          asm.constant(column, 0);
          if (main !== undefined) {
            const again = asm.label("columns");
            asm.bind(again);
            this.emitLine(main, pinned);
            asm.arithmeticConstant("add", column, step);
            if (mainSteps > 1) {
              asm.arithmeticConstant("cmp", column, mainSteps * step);
              asm.jumpIf("less", again);
            }
          }
          if (singles !== undefined) this.emitLine(singles, pinned);
          if (partial !== undefined) this.emitLine(partial, pinned);
        },
      };
    });
    return accumulators;
  }

  /** Code of the loop body for some copies of it, one vector each. */
  private line(
    phase: number,
    accumulators: readonly Accumulators[],
    copies: readonly number[],
    lanes: number | undefined,
    isPinned: boolean,
  ): VectorCode {
    const code = new VectorCode(this.variables);
    for (const copy of copies) {
      this.rowCode.body(code, phase, accumulators, copy, { column: copy * this.lanes, lanes }, isPinned);
    }
    return code;
  }

  /**
   * Emits a loop with what it needs before and after: accumulators start from their identities and end in their homes,
   * and variables that the body reads most are held in registers.
   */
  private loop(
    accumulatorCount: number,
    identity: readonly (readonly [Variable, Variable])[],
    build: (isPinned: boolean) => {
      lines: readonly VectorCode[];
      isRepeated: boolean;
      emit: (pinned: ReadonlyMap<Variable, number>) => void;
    },
  ): void {
    const { emitter, variables } = this;
    const registers = [...allocatable(this.target)];
    const isPinned = accumulatorCount <= registers.length - unpinned;
    const body = build(isPinned);
    const pinned = new Map<Variable, number>();
    if (isPinned) for (const [accumulator] of identity) pinned.set(accumulator, registers.pop()!);
    const accumulating = new Set(identity.map(([accumulator]) => accumulator));
    if (body.isRepeated) {
      const needed = Math.max(...body.lines.map(({ instructions }) => pressure(instructions, accumulating)));
      for (const variable of mostUsed(body.lines[0]!, accumulating)) {
        if (registers.length <= Math.max(unpinned, needed + 2)) break;
        const register = registers.pop()!;
        pinned.set(variable, register);
        emitter.emit([{ kind: "load", to: register, home: variables.settle(variable) }]);
      }
    }
    for (const [accumulator, start] of identity) {
      const register = pinned.get(accumulator) ?? registers[0]!;
      emitter.emit([{ kind: "load", to: register, home: variables.settle(start) }]);
      if (!isPinned) emitter.emit([{ kind: "save", home: variables.settle(accumulator), register }]);
    }
    body.emit(pinned);
    if (!isPinned) return;
    for (const [accumulator] of identity) {
      emitter.emit([{ kind: "save", home: variables.settle(accumulator), register: pinned.get(accumulator)! }]);
    }
  }

  private emitLine(line: VectorCode, pinned: ReadonlyMap<Variable, number> = new Map()): void {
    this.emitter.emit(allocate(line.instructions, { variables: this.variables, pinned }));
  }

  /** Sets an accumulated output of this block to zeros. */
  private clear({ pointer }: Operand): void {
    const { asm } = this;
    const { columns } = this.program;
    const whole = columns - (columns % this.lanes);
    const [again, done] = [asm.label("clear"), asm.label("cleared")];
    asm.constant(column, 0);
    asm.bind(again);
    asm.arithmeticConstant("cmp", column, whole);
    asm.jumpIf("greaterOrEqual", done);
    this.emitter.storeZero({ pointer, column: 0, lanes: undefined });
    asm.arithmeticConstant("add", column, this.lanes);
    asm.jump(again);
    asm.bind(done);
    if (whole < columns) this.emitter.storeZero({ pointer, column: 0, lanes: columns - whole });
  }

  private frameWord(): Memory {
    return { base: gpr.rsp, displacement: 8 * this.frameWords++ };
  }

  private dataWord(index: number): Memory {
    return { base: data, displacement: 8 * index };
  }

  /** Puts the address of the current row of a walked operand where loops expect it. */
  private setPointer({ pointer, bytes, offset, isAccumulated }: Operand): void {
    const { asm } = this;
    const place = this.pointers.get(pointer)!;
    rowAddress(asm, { start: this.dataWord(pointer), offset, bytes, row, rows: this.program.rows });
    if (isAccumulated) {
      asm.mov(gpr.rcx, this.block);
      asm.multiplyConstant(gpr.rcx, gpr.rcx, this.program.columns * 4);
      asm.arithmetic("add", gpr.rax, gpr.rcx);
    }
    if (typeof place === "number") asm.mov(place, gpr.rax);
    else asm.store(place, gpr.rax);
  }

  private element(pointer: number, offset: number, bytes: 1 | 4): Memory {
    const scratchRow = pointer - this.operands.length;
    const displacement = offset * bytes;
    if (scratchRow >= 0) {
      const start = scratchRow * this.scratchRowBytes;
      return { base: scratch, index: column, scale: bytes, displacement: start + displacement };
    }
    const place = this.pointers.get(pointer)!;
    if (typeof place !== "number") this.asm.mov(gpr.rax, place);
    return { base: typeof place === "number" ? place : gpr.rax, index: column, scale: bytes, displacement };
  }

  private rowElement(pointer: number): Memory {
    const { bytes, offset } = this.operands[pointer]!;
    rowAddress(this.asm, { start: this.dataWord(pointer), offset, bytes, row, rows: this.program.rows });
    return { base: gpr.rax };
  }
}

function operandsOf({ inputs, outputs, rows }: RowProgram): Operand[] {
  const bytesOf = (dtype: string) => (dtype === "bool" || dtype === "uint8" ? 1 : 4);
  const all = [
    ...inputs.map((input) => ({ ...input, isAccumulated: false })),
    ...outputs.map((output) =>
      output.kind === "store"
        ? { ...output, isAccumulated: false }
        : {
            dtype: "float32",
            rowOffset: { base: 0, terms: [] },
            columnStride: 1,
            isAccumulated: true,
          },
    ),
  ];
  return all.map(({ dtype, rowOffset, columnStride, isAccumulated }, pointer) => ({
    pointer,
    bytes: bytesOf(dtype),
    offset: simplifyOffset(rowOffset, rows),
    isWalked: columnStride === 1,
    isAccumulated,
  }));
}

/** Variables that a line reads but does not set, those read most often first. */
function mostUsed({ instructions }: VectorCode, except: ReadonlySet<Variable>): Variable[] {
  const isSetHere = new Set(instructions.map(({ to }) => to));
  const uses = new Map<Variable, number>();
  for (const { from } of instructions) {
    for (const variable of from) {
      if (!isSetHere.has(variable) && !except.has(variable)) uses.set(variable, (uses.get(variable) ?? 0) + 1);
    }
  }
  return [...uses].sort((a, b) => b[1] - a[1]).map(([variable]) => variable);
}
