import { Addressing, FrameWords, role } from "./addressing.ts";
import { analyse } from "./analysis.ts";
import { type Assembler, type Gpr, gpr, type Label } from "./assembler.ts";
import { type ColumnLoop, emitColumnLoop, fitsRegisters } from "./column-loop.ts";
import { Emitter } from "./emit.ts";
import { flatten, makePlan, type Plan } from "./plan.ts";
import { allocate } from "./registers.ts";
import { type Accumulators, RowCode } from "./row-code.ts";
import type { RowProgram } from "./row-program.ts";
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

const calleeSaved: readonly Gpr[] = [gpr.rbx, gpr.rbp, gpr.r12, gpr.r13, gpr.r14, gpr.r15];

/** Appends the code of a program. */
export function compileLoop(asm: Assembler, program: RowProgram, target: Target): CompiledLoop {
  return new LoopCompiler(asm, flatten(program), target).compile();
}

/** Writes the function: entry, blocks, rows and columns. What happens at a column is `RowCode`'s. */
class LoopCompiler {
  private readonly plan: Plan;
  private readonly variables: Variables;
  private readonly rowCode: RowCode;
  private readonly frame = new FrameWords();
  private readonly callerStack = this.frame.next();
  private readonly block = this.frame.next();
  private readonly scratchNumber = this.frame.next();
  private readonly hasTail = this.frame.next();
  private readonly addressing: Addressing;
  private readonly emitter: Emitter;
  private readonly lanes: number;
  /** Columns in the last, partial vector of a row. */
  private readonly tail: number;

  constructor(
    private readonly asm: Assembler,
    private readonly program: RowProgram,
    target: Target,
  ) {
    const facts = analyse(program);
    this.plan = makePlan(program, facts);
    this.variables = new Variables(target);
    this.rowCode = new RowCode(program, facts, this.plan, this.variables);
    this.addressing = new Addressing(asm, program, this.block, this.frame);
    this.emitter = new Emitter(asm, target, this.addressing, this.frame.count);
    this.lanes = lanesOf(target);
    this.tail = program.columns % this.lanes;
  }

  compile(): CompiledLoop {
    const { asm, emitter, addressing, plan } = this;
    const [entry, frameBytes] = [asm.label("loop"), asm.label("frame bytes")];
    const scratchBytes = plan.scratch.size * addressing.scratchRowBytes;
    if (scratchBytes >= 2 ** 31) {
      throw new RangeError(`rows of ${this.program.columns} columns are too long for this program's scratch memory`);
    }
    const pool = addressing.dataWord(addressing.operands.length);

    asm.align(16);
    asm.bind(entry);
    for (const register of calleeSaved) asm.push(register);
    asm.mov(gpr.rax, gpr.rsp);
    // How large the frame is turns out when all variables have homes, so its size is read from behind the code.
    asm.arithmetic("sub", gpr.rsp, { label: frameBytes });
    asm.arithmeticConstant("and", gpr.rsp, -64);
    asm.store(this.callerStack, gpr.rax);
    asm.mov(role.data, gpr.rdi);
    asm.store(this.block, gpr.rsi);
    if (scratchBytes > 0) claimScratch(asm, pool, role.scratch, this.scratchNumber);
    if (this.tail > 0) emitter.prepareTail(this.tail);

    const blocks = this.isOneRange() ? this.range() : this.rows();

    if (scratchBytes > 0) releaseScratch(asm, pool, this.scratchNumber);
    asm.mov(gpr.rsp, this.callerStack);
    for (const register of [...calleeSaved].reverse()) asm.pop(register);
    vzeroupper(asm);
    asm.ret();
    emitter.finishPool();
    asm.bind(frameBytes);
    asm.int32(emitter.frameBytes(this.variables.stackSlots));
    asm.int32(0);
    return { entry, blocks, scratchBytes };
  }

  /** Whether threads can share the columns: there is one row, and nothing that is one number for the row. */
  private isOneRange(): boolean {
    const { rows, outputs } = this.program;
    const isSplit = outputs.every((output) => output.kind === "store" && output.columnStride === 1);
    return rows === 1 && isSplit && this.plan.phases.length === 1;
  }

  /** Blocks are parts of the one row. */
  private range(): number {
    const { asm, addressing, tail } = this;
    const { columns } = this.program;
    const blocks = Math.ceil(columns / blockElements);
    const [again, rest, done] = [asm.label("columns"), asm.label("rest"), asm.label("done")];
    asm.constant(role.row, 0);
    this.emitLine(this.rowCode.constants());
    for (const operand of addressing.operands) if (operand.isWalked) addressing.setPointer(operand);
    this.emitLine(this.rowCode.header(this.plan.phases[0]!, []));

    // A block ends where the next one begins, the last one with the last whole vector; a partial one may follow.
    const isBounded = asm.label("bounded");
    asm.mov(role.column, this.block);
    asm.multiplyConstant(role.column, role.column, blockElements);
    asm.lea(role.end, { base: role.column, displacement: blockElements });
    asm.constant(gpr.rcx, 0);
    asm.arithmeticConstant("cmp", this.block, blocks - 1);
    asm.jumpIf("notEqual", isBounded);
    asm.constant(role.end, columns - tail);
    asm.constant(gpr.rcx, 1);
    asm.bind(isBounded);
    asm.store(this.hasTail, gpr.rcx);

    const main = this.line(0, [], [0], undefined);
    const partial = tail > 0 ? this.line(0, [], [0], tail) : undefined;
    this.emitLoop(new Map(), {
      lines: partial === undefined ? [main] : [main, partial],
      isRepeated: true,
      emit: (emitLine) => {
        asm.bind(again);
        asm.arithmetic("cmp", role.column, role.end);
        asm.jumpIf("greaterOrEqual", rest);
        emitLine(main);
        asm.arithmeticConstant("add", role.column, this.lanes);
        asm.jump(again);
        asm.bind(rest);
        if (partial === undefined) return;
        asm.arithmeticConstant("cmp", this.hasTail, 0);
        asm.jumpIf("equal", done);
        emitLine(partial);
      },
    });
    asm.bind(done);
    return blocks;
  }

  /** Blocks are numbers of rows. */
  private rows(): number {
    const { asm, addressing } = this;
    const [again, done] = [asm.label("rows"), asm.label("done")];
    const blocks = this.rowsOfBlock();
    this.emitLine(this.rowCode.constants());
    for (const operand of addressing.operands) {
      if (operand.isWalked && operand.offset.terms.length === 0) addressing.setPointer(operand);
      if (operand.isAccumulated) this.clear(operand.pointer);
    }
    asm.bind(again);
    asm.arithmetic("cmp", role.row, role.end);
    asm.jumpIf("greaterOrEqual", done);
    for (const operand of addressing.operands) {
      if (operand.isWalked && operand.offset.terms.length > 0) addressing.setPointer(operand);
    }
    addressing.prefetchRows();
    let reduced: readonly Accumulators[] = [];
    for (const [index, phase] of this.plan.phases.entries()) {
      this.emitLine(this.rowCode.header(phase, reduced));
      reduced = this.columns(index);
    }
    asm.arithmeticConstant("add", role.row, 1);
    asm.jump(again);
    asm.bind(done);
    return blocks;
  }

  /** Sets the first row of this block and where its rows end. Gives the number of blocks. */
  private rowsOfBlock(): number {
    const { asm } = this;
    const { rows, columns, outputs } = this.program;
    const chunks = outputs.find((output) => output.kind === "accumulate")?.chunks;
    if (chunks !== undefined) {
      // Chunk k begins at row ⌊k · rows / chunks⌋.
      asm.constant(gpr.rcx, chunks);
      for (const [register, next] of [[role.row, 0] as const, [role.end, 1] as const]) {
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
    const isBounded = asm.label("bounded");
    asm.mov(role.row, this.block);
    asm.multiplyConstant(role.row, role.row, rowsPerBlock);
    asm.lea(role.end, { base: role.row, displacement: rowsPerBlock });
    asm.arithmeticConstant("cmp", role.end, rows);
    asm.jumpIf("less", isBounded);
    asm.constant(role.end, rows);
    asm.bind(isBounded);
    return Math.ceil(rows / rowsPerBlock);
  }

  /** The loop over the columns of a row for one phase: whole steps, single vectors, and a partial one. */
  private columns(index: number): readonly Accumulators[] {
    const { asm, tail } = this;
    const phase = this.plan.phases[index]!;
    const { reductions, stores, keeps } = phase;
    if (reductions.length + stores.length + keeps.length === 0) return [];
    const { accumulators, identities } = this.rowCode.startReductions(phase);
    const copies = this.rowCode.unroll(phase);
    const step = copies * this.lanes;
    const wholeVectors = Math.floor(this.program.columns / this.lanes);
    const steps = Math.floor(wholeVectors / copies);
    const rest = wholeVectors % copies;

    const first = (count: number) => Array.from({ length: count }, (_, copy) => copy);
    const main = steps > 0 ? this.line(index, accumulators, first(copies), undefined) : undefined;
    const singles = rest > 0 ? this.line(index, accumulators, first(rest), undefined) : undefined;
    const partial = tail > 0 ? this.line(index, accumulators, [rest], tail) : undefined;
    this.emitLoop(identities, {
      lines: [main, singles, partial].filter((line) => line !== undefined),
      isRepeated: steps > 1,
      emit: (emitLine) => {
        const again = asm.label("columns");
        asm.constant(role.column, 0);
        asm.bind(again);
        if (main !== undefined) {
          emitLine(main);
          asm.arithmeticConstant("add", role.column, step);
        }
        if (steps > 1) {
          asm.arithmeticConstant("cmp", role.column, steps * step);
          asm.jumpIf("less", again);
        }
        if (singles !== undefined) emitLine(singles);
        if (partial !== undefined) emitLine(partial);
      },
    });
    return accumulators;
  }

  /** Code of the loop body for some copies of it, one vector each; of a partial vector only `lanes` exist. */
  private line(
    phase: number,
    accumulators: readonly Accumulators[],
    copies: readonly number[],
    lanes: number | undefined,
  ): VectorCode {
    const code = new VectorCode(this.variables);
    const count = accumulators.reduce((sum, { partial }) => sum + partial.length, 0);
    const isPinned = fitsRegisters(count, this.variables);
    for (const copy of copies) {
      this.rowCode.body(code, phase, accumulators, copy, { column: copy * this.lanes, lanes }, isPinned);
    }
    return code;
  }

  private emitLine(line: VectorCode): void {
    this.emitter.emit(allocate(line.instructions, { variables: this.variables, pinned: new Map() }));
  }

  private emitLoop(identities: ReadonlyMap<Variable, Variable>, loop: ColumnLoop): void {
    emitColumnLoop(this.emitter, this.variables, identities, loop);
  }

  /** Sets the row of an accumulated output that belongs to this block to zeros. */
  private clear(pointer: number): void {
    const { asm, tail } = this;
    const [again, done] = [asm.label("clear"), asm.label("cleared")];
    asm.constant(role.column, 0);
    asm.bind(again);
    asm.arithmeticConstant("cmp", role.column, this.program.columns - tail);
    asm.jumpIf("greaterOrEqual", done);
    this.emitter.storeZero({ pointer, column: 0, lanes: undefined });
    asm.arithmeticConstant("add", role.column, this.lanes);
    asm.jump(again);
    asm.bind(done);
    if (tail > 0) this.emitter.storeZero({ pointer, column: 0, lanes: tail });
  }
}
