import type { Home, Instruction, Target, Variable, Variables, VectorOp } from "./vector-code.ts";

/** Where an operand is read from. */
export type Place =
  | { readonly kind: "register"; readonly register: number }
  | { readonly kind: "home"; readonly home: Home };

/** An instruction whose operands have places, or a transfer that the allocator put in. */
export type Placed =
  | {
      readonly kind: "instruction";
      readonly instruction: Instruction;
      readonly to: number | undefined;
      readonly from: readonly Place[];
      /** Of an instruction that overwrites one of its operands: which. Its register is `to`. */
      readonly overwritten: number | undefined;
    }
  | { readonly kind: "load"; readonly to: number; readonly home: Home }
  | { readonly kind: "save"; readonly home: Home; readonly register: number }
  | { readonly kind: "copy"; readonly to: number; readonly register: number };

/**
 * Used inside operations that become several instructions (a compare into a mask, a store of bytes), never allocated.
 * It is the last register that instructions of every encoding can name.
 */
export const temporaryRegister = 15;

/** Registers that may hold variables. */
export function allocatable(target: Target): readonly number[] {
  const count = target === "avx512" ? 32 : 16;
  return Array.from({ length: count }, (_, register) => register).filter((register) => register !== temporaryRegister);
}

const commutative: ReadonlySet<VectorOp> = new Set(["add", "mul", "addInt", "mulInt", "and", "or", "xor", "equalInt"]);

/** Operations whose last operand may be read from memory. */
const readsMemory: ReadonlySet<VectorOp> = new Set([
  ...commutative,
  ...(["sub", "div", "minimum", "maximum", "scale", "subInt", "minInt", "maxInt", "andNot"] as const),
  ...(["shiftLeftEach", "shiftRightEach", "compare", "greaterInt"] as const),
  ...(["sqrt", "round", "absInt", "toFloat", "truncateToInt", "roundToInt"] as const),
]);

/** Whether an operation overwrites one of its three operands. */
function overwrites(op: VectorOp, target: Target): boolean {
  return op === "fma" || op === "fnma" || (op === "select" && target === "avx512");
}

/**
 * Positions of operands that may be read from memory, one of them at a time. Where an operand is overwritten there is
 * an encoding for either of the other two.
 */
function memoryPositions({ op, from }: Instruction, target: Target, overwritten: number | undefined): number[] {
  if (overwritten !== undefined) return [0, 1, 2].filter((position) => position !== overwritten);
  if (op === "select") return target === "avx2" ? [1] : [];
  return readsMemory.has(op) ? [from.length - 1] : [];
}

export interface Allocation {
  readonly variables: Variables;
  /** Variables that keep one register through this line and beyond it: accumulators, and what loops use most. */
  readonly pinned: ReadonlyMap<Variable, number>;
}

/**
 * Gives the variables of a straight line of code registers while they are needed. Variables that are not set here come
 * from their homes, from where many instructions can read them without a register.
 */
export function allocate(code: readonly Instruction[], allocation: Allocation): Placed[] {
  const file = new RegisterFile(code, allocation);
  for (const [at, instruction] of code.entries()) file.place(instruction, at);
  return file.placed;
}

class RegisterFile {
  readonly placed: Placed[] = [];
  private readonly variables: Variables;
  private readonly pinned: ReadonlyMap<Variable, number>;
  private readonly uses: Map<Variable, number[]>;
  private readonly assigned = new Map<Variable, number>();
  private readonly free: number[];
  /** Variables set in this line whose home does not hold their value. */
  private readonly unsaved: Set<Variable>;

  constructor(code: readonly Instruction[], { variables, pinned }: Allocation) {
    this.variables = variables;
    this.pinned = pinned;
    this.uses = usesOf(code);
    const taken = new Set(pinned.values());
    this.free = allocatable(variables.target).filter((register) => !taken.has(register));
    this.unsaved = new Set(code.flatMap(({ to }) => (to === undefined ? [] : [to])));
  }

  place(given: Instruction, at: number): void {
    const instruction = this.ordered(given);
    const { op, to, from } = instruction;
    const { target } = this.variables;
    const dies = (variable: Variable) => this.assigned.has(variable) && this.nextUse(variable, at) === Infinity;

    let overwritten: number | undefined;
    let isCopied = false;
    if (overwrites(op, target)) {
      const own = to === undefined ? -1 : from.indexOf(to);
      const position = own >= 0 ? own : from.findIndex(dies);
      isCopied = position < 0;
      // Copy an operand that has to be loaded anyway; of a product and a sum, the addend.
      const unloaded = from.findIndex((variable) => this.register(variable) === undefined);
      overwritten = isCopied ? (unloaded >= 0 ? unloaded : 2) : position;
    }

    const locked = new Set(from.map((variable) => this.register(variable)));
    const memory = memoryPositions(instruction, target, overwritten);
    let memoryReads = 0;
    const places = from.map((variable, position): Place => {
      const register = this.register(variable);
      if (register !== undefined) return { kind: "register", register };
      const home = this.filledHome(variable);
      if (isCopied && position === overwritten) return { kind: "home", home };
      // With registers to spare, what is used again is better loaded once.
      const isLoadedOnce = this.free.length > 2 && this.nextUse(variable, at) !== Infinity;
      if (memory.includes(position) && memoryReads === 0 && !isLoadedOnce) {
        memoryReads += 1;
        return { kind: "home", home };
      }
      const loaded = this.take(variable, at, locked);
      locked.add(loaded);
      this.placed.push({ kind: "load", to: loaded, home });
      return { kind: "register", register: loaded };
    });

    let result: number | undefined;
    if (to !== undefined) result = this.pinned.get(to);
    if (to !== undefined && overwritten !== undefined) {
      if (isCopied) result = this.copy(places[overwritten]!, result ?? this.take(to, at, locked));
      else result ??= this.handOver(from[overwritten]!, to);
      places[overwritten] = { kind: "register", register: result! };
    }
    // Sources are read before results are written: what dies here leaves its register to the result.
    for (const variable of from) if (dies(variable)) this.release(variable);
    if (to !== undefined) {
      const stillLocked = new Set([...locked].filter((register) => !this.free.includes(register!)));
      result ??= this.take(to, at, stillLocked);
    }
    if (op === "keep") this.save(from[0]!, places[0]!);
    else this.placed.push({ kind: "instruction", instruction, to: result, from: places, overwritten });
    if (to !== undefined && dies(to)) this.release(to);
  }

  /** Puts an operand that lies in memory second where the order does not matter. */
  private ordered(instruction: Instruction): Instruction {
    const [a, b] = instruction.from;
    if (!commutative.has(instruction.op) || this.register(a!) !== undefined || this.register(b!) === undefined) {
      return instruction;
    }
    return { ...instruction, from: [b!, a!] };
  }

  private register(variable: Variable): number | undefined {
    return this.pinned.get(variable) ?? this.assigned.get(variable);
  }

  private filledHome(variable: Variable): Home {
    const home = this.variables.home(variable);
    if (home === undefined || this.unsaved.has(variable)) {
      throw new Error(`internal: variable ${variable} is used where it has no value`);
    }
    return home;
  }

  private nextUse(variable: Variable, after: number): number {
    return this.uses.get(variable)?.find((position) => position > after) ?? Infinity;
  }

  /**
   * A register for a variable. If none is free, the variable leaves whose next use is furthest away (Belady's rule); it
   * is saved first unless its home has its value already.
   */
  private take(variable: Variable, at: number, locked: ReadonlySet<number | undefined>): number {
    if (this.free.length === 0) {
      const candidates = [...this.assigned].filter(([, register]) => !locked.has(register));
      if (candidates.length === 0) throw new Error("internal: an instruction needs more registers than there are");
      const [victim, register] = candidates.reduce((furthest, candidate) =>
        this.nextUse(candidate[0], at) > this.nextUse(furthest[0], at) ? candidate : furthest,
      );
      if (this.unsaved.has(victim)) this.save(victim, { kind: "register", register });
      this.release(victim);
    }
    const register = this.free.shift()!;
    this.assigned.set(variable, register);
    return register;
  }

  private save(variable: Variable, place: Place): void {
    if (place.kind !== "register") throw new Error("internal: what is saved must be in a register");
    this.placed.push({ kind: "save", home: this.variables.settle(variable), register: place.register });
    this.unsaved.delete(variable);
  }

  private handOver(from: Variable, to: Variable): number {
    const register = this.assigned.get(from)!;
    this.assigned.delete(from);
    this.assigned.set(to, register);
    return register;
  }

  private copy(place: Place, to: number): number {
    this.placed.push(
      place.kind === "register"
        ? { kind: "copy", to, register: place.register }
        : { kind: "load", to, home: place.home },
    );
    return to;
  }

  private release(variable: Variable): void {
    this.free.unshift(this.assigned.get(variable)!);
    this.assigned.delete(variable);
  }
}

/** For each variable the positions of its uses, in order. */
function usesOf(code: readonly Instruction[]): Map<Variable, number[]> {
  const uses = new Map<Variable, number[]>();
  for (const [position, { from }] of code.entries()) {
    for (const variable of from) {
      const positions = uses.get(variable);
      if (positions === undefined) uses.set(variable, [position]);
      else positions.push(position);
    }
  }
  return uses;
}

/** The most variables that are set in a line and alive at one time: registers it needs to run without spills. */
export function pressure(code: readonly Instruction[], except: ReadonlySet<Variable>): number {
  const lastUse = new Map<Variable, number>();
  for (const [position, { from }] of code.entries()) for (const variable of from) lastUse.set(variable, position);
  const alive = new Set<Variable>();
  let most = 0;
  for (const [position, { to, from }] of code.entries()) {
    for (const variable of from) if (lastUse.get(variable) === position) alive.delete(variable);
    if (to !== undefined && lastUse.has(to) && !except.has(to)) alive.add(to);
    most = Math.max(most, alive.size);
  }
  return most;
}
