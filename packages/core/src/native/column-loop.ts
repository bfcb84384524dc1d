import type { Emitter } from "./emit.ts";
import { allocatable, allocate, pressure } from "./registers.ts";
import type { Variable, Variables, VectorCode } from "./vector-code.ts";

/** A loop over the columns of a row, before its variables have registers. */
export interface ColumnLoop {
  /** The straight lines that it is made of; the first one runs most often. */
  readonly lines: readonly VectorCode[];
  /** Whether the first line runs more than once for each time the loop does. */
  readonly isRepeated: boolean;
  /** Emits jumps, and the lines in their places. */
  emit(emitLine: (line: VectorCode) => void): void;
}

/** Vector registers that a loop leaves to what is not pinned, at least. */
const unpinned = 6;

/** Whether so many accumulators can stay in registers while their loop runs. */
export function fitsRegisters(accumulators: number, { target }: Variables): boolean {
  return accumulators <= allocatable(target).length - unpinned;
}

/**
 * Emits a loop and what it needs around it. Accumulators, given with the constants that they start from, end in their
 * homes; they live in registers meanwhile if they all fit. Registers that are to spare hold what the loop reads most.
 */
export function emitColumnLoop(
  emitter: Emitter,
  variables: Variables,
  identities: ReadonlyMap<Variable, Variable>,
  { lines, isRepeated, emit }: ColumnLoop,
): void {
  const registers = [...allocatable(variables.target)];
  const pinned = new Map<Variable, number>();
  const load = (variable: Variable, to: number) =>
    emitter.emit([{ kind: "load", to, home: variables.settle(variable) }]);
  const save = (register: number, variable: Variable) =>
    emitter.emit([{ kind: "save", home: variables.settle(variable), register }]);

  const isPinned = fitsRegisters(identities.size, variables);
  if (isPinned) for (const accumulator of identities.keys()) pinned.set(accumulator, registers.pop()!);
  const accumulators = new Set(identities.keys());
  if (isRepeated) {
    const needed = Math.max(...lines.map(({ instructions }) => pressure(instructions, accumulators)));
    for (const variable of mostRead(lines[0]!, accumulators)) {
      if (registers.length <= Math.max(unpinned, needed + 2)) break;
      const register = registers.pop()!;
      pinned.set(variable, register);
      load(variable, register);
    }
  }
  for (const [accumulator, start] of identities) {
    const register = pinned.get(accumulator) ?? registers[0]!;
    load(start, register);
    if (!isPinned) save(register, accumulator);
  }
  emit((line) => emitter.emit(allocate(line.instructions, { variables, pinned })));
  if (isPinned) for (const accumulator of accumulators) save(pinned.get(accumulator)!, accumulator);
}

/** Variables that a line reads but does not set, those read most often first. */
function mostRead({ instructions }: VectorCode, except: ReadonlySet<Variable>): Variable[] {
  const isSetHere = new Set(instructions.map(({ to }) => to));
  const reads = new Map<Variable, number>();
  for (const { from } of instructions) {
    for (const variable of from) {
      if (!isSetHere.has(variable) && !except.has(variable)) reads.set(variable, (reads.get(variable) ?? 0) + 1);
    }
  }
  return [...reads].sort((a, b) => b[1] - a[1]).map(([variable]) => variable);
}
