/**
 * Vector code: straight lines of instructions over any number of variables, each a vector register's worth of 32-bit
 * lanes. It is what operations are lowered to, before variables get registers (`registers.ts`) and instructions get
 * encodings (`emit.ts`).
 */

/** Instruction sets to compile for. Results of both are equal, bit for bit. */
export type Target = "avx2" | "avx512";

/** 32-bit lanes of a vector. */
export function lanesOf(target: Target): 8 | 16 {
  return target === "avx512" ? 16 : 8;
}

/** A variable of vector code. All but accumulators are assigned once. */
export type Variable = number;

/**
 * Operations. Floats are float32; `Int` marks int32 lanes. A truth value is a lane of all ones or all zeros.
 * `minimum` and `maximum` give their second operand if either is NaN, as the instructions do; `andNot` is ¬a ∧ b;
 * `fma` is a · b + c and `fnma` c - a · b, rounded once; `select` is a ? b : c; `scale` is a · 2^b (AVX-512 only);
 * `swap` exchanges lanes at a distance of 1, 2, 4 or 8, and `splat` copies lane 0 to all.
 */
export type VectorOp =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "minimum"
  | "maximum"
  | "scale"
  | "addInt"
  | "subInt"
  | "mulInt"
  | "minInt"
  | "maxInt"
  | "and"
  | "andNot"
  | "or"
  | "xor"
  | "shiftLeftEach"
  | "shiftRightEach"
  | "compare"
  | "equalInt"
  | "greaterInt"
  | "sqrt"
  | "round"
  | "absInt"
  | "toFloat"
  | "truncateToInt"
  | "roundToInt"
  | "shiftLeft"
  | "shiftRight"
  | "shiftRightSigned"
  | "swap"
  | "splat"
  | "fma"
  | "fnma"
  | "select"
  | "load"
  | "loadBytes"
  | "loadHalves"
  | "broadcast"
  | "broadcastByte"
  | "broadcastHalf"
  | "store"
  | "storeBytes"
  | "storeHalves"
  | "storeOne"
  | "storeOneByte"
  | "storeOneHalf"
  | "columnIndex"
  | "rowIndex"
  | "keep";

/** Loads of a vector, and of one element into all lanes; bytes and 16-bit halves are widened with zeros. */
export type LoadOp = Extract<VectorOp, `load${string}` | `broadcast${string}`>;

/** Stores of a vector, and of one element; bytes and halves are the low ones of lanes that hold no more. */
export type StoreOp = Extract<VectorOp, `store${string}`>;

/** Immediates of `compare`: ordered comparisons are false for NaN, `notEqual` and `unordered` are true. */
export const comparison = { equal: 0, less: 1, lessEqual: 2, unordered: 3, notEqual: 4, greaterEqual: 13, greater: 14 };

/** Immediates of `round`, all without the inexact exception. */
export const rounding = { nearestEven: 8, down: 9, up: 10, towardZero: 11 };

/** Elements of an operand of the row program: at the current column plus `column`, or the one of the current row. */
export interface ElementReference {
  readonly pointer: number;
  readonly column: number;
  /** If set, only so many lanes exist: loads clear the others, stores leave memory behind them untouched. */
  readonly lanes: number | undefined;
}

export interface Instruction {
  readonly op: VectorOp;
  readonly to: Variable | undefined;
  readonly from: readonly Variable[];
  readonly immediate?: number;
  readonly element?: ElementReference;
}

/** Where a variable lives when it is not in a register. */
export type Home =
  | { readonly kind: "constant"; readonly words: readonly number[] }
  | { readonly kind: "stack"; readonly slot: number };

/** The variables of one function: names, and homes in the constant pool and on the stack. */
export class Variables {
  private readonly homes: (Home | undefined)[] = [];
  private readonly constants = new Map<string, Variable>();
  private slots = 0;

  constructor(readonly target: Target) {}

  /** Vector-sized slots that the stack frame needs. */
  get stackSlots(): number {
    return this.slots;
  }

  fresh(): Variable {
    return this.homes.push(undefined) - 1;
  }

  home(variable: Variable): Home | undefined {
    return this.homes[variable];
  }

  /** Gives a variable a place on the stack, if it has no home yet. */
  settle(variable: Variable): Home {
    const home = this.homes[variable] ?? { kind: "stack", slot: this.slots++ };
    this.homes[variable] = home;
    return home;
  }

  /** Gives a variable the home of another. */
  share(variable: Variable, other: Variable): void {
    this.homes[variable] = this.settle(other);
  }

  /** A constant vector, given by the bits of its lanes; of one word, all lanes are equal. */
  constant(words: readonly number[]): Variable {
    const lanes = lanesOf(this.target);
    const all = words.length === 1 ? new Array<number>(lanes).fill(words[0]! | 0) : words.map((word) => word | 0);
    const key = all.join();
    let variable = this.constants.get(key);
    if (variable === undefined) {
      variable = this.homes.push({ kind: "constant", words: all }) - 1;
      this.constants.set(key, variable);
    }
    return variable;
  }
}

const bits = new DataView(new ArrayBuffer(4));

/** Bits of a number rounded to float32. */
export function floatBits(value: number): number {
  bits.setFloat32(0, value);
  return bits.getInt32(0);
}

/** Appends instructions; every method returns the variable that holds its result. */
export class VectorCode {
  readonly instructions: Instruction[] = [];

  constructor(readonly variables: Variables) {}

  get target(): Target {
    return this.variables.target;
  }

  /** Appends one instruction that has a result. */
  apply(op: VectorOp, from: readonly Variable[], immediate?: number): Variable {
    const to = this.variables.fresh();
    this.instructions.push({ op, to, from, ...(immediate === undefined ? {} : { immediate }) });
    return to;
  }

  /**
   * Makes an accumulator hold the variable that was computed last. A pinned one is set by that instruction; another one
   * lives at its home.
   */
  assign(accumulator: Variable, result: Variable, isPinned: boolean): void {
    const last = this.instructions.at(-1);
    if (last?.to !== result) throw new Error("internal: only the last result can be assigned to an accumulator");
    if (isPinned) {
      this.instructions[this.instructions.length - 1] = { ...last, to: accumulator };
    } else {
      this.variables.share(result, accumulator);
      this.instructions.push({ op: "keep", to: undefined, from: [result] });
    }
  }

  load(op: LoadOp, element: ElementReference): Variable {
    const to = this.variables.fresh();
    this.instructions.push({ op, to, from: [], element });
    return to;
  }

  store(op: StoreOp, x: Variable, element: ElementReference): void {
    this.instructions.push({ op, to: undefined, from: [x], element });
  }

  /** Writes a variable without a home to a new one on the stack, for code that follows this straight line. */
  keep(x: Variable): void {
    if (this.variables.home(x) !== undefined) return;
    this.variables.settle(x);
    this.instructions.push({ op: "keep", to: undefined, from: [x] });
  }

  float(value: number): Variable {
    return this.variables.constant([floatBits(value)]);
  }

  int(value: number): Variable {
    return this.variables.constant([value]);
  }

  add = (a: Variable, b: Variable) => this.apply("add", [a, b]);
  sub = (a: Variable, b: Variable) => this.apply("sub", [a, b]);
  mul = (a: Variable, b: Variable) => this.apply("mul", [a, b]);
  div = (a: Variable, b: Variable) => this.apply("div", [a, b]);
  /** The smaller one; the second if either is NaN. */
  minimum = (a: Variable, b: Variable) => this.apply("minimum", [a, b]);
  /** The larger one; the second if either is NaN. */
  maximum = (a: Variable, b: Variable) => this.apply("maximum", [a, b]);
  sqrt = (x: Variable) => this.apply("sqrt", [x]);
  round = (x: Variable, mode: number) => this.apply("round", [x], mode);
  fma = (a: Variable, b: Variable, c: Variable) => this.apply("fma", [a, b, c]);
  fnma = (a: Variable, b: Variable, c: Variable) => this.apply("fnma", [a, b, c]);
  and = (a: Variable, b: Variable) => this.apply("and", [a, b]);
  andNot = (a: Variable, b: Variable) => this.apply("andNot", [a, b]);
  or = (a: Variable, b: Variable) => this.apply("or", [a, b]);
  xor = (a: Variable, b: Variable) => this.apply("xor", [a, b]);
  addInt = (a: Variable, b: Variable) => this.apply("addInt", [a, b]);
  subInt = (a: Variable, b: Variable) => this.apply("subInt", [a, b]);
  shiftLeft = (x: Variable, count: number) => this.apply("shiftLeft", [x], count);
  shiftRight = (x: Variable, count: number) => this.apply("shiftRight", [x], count);
  shiftRightSigned = (x: Variable, count: number) => this.apply("shiftRightSigned", [x], count);
  toFloat = (x: Variable) => this.apply("toFloat", [x]);
  truncateToInt = (x: Variable) => this.apply("truncateToInt", [x]);
  roundToInt = (x: Variable) => this.apply("roundToInt", [x]);
  compare = (a: Variable, b: Variable, how: keyof typeof comparison) => this.apply("compare", [a, b], comparison[how]);
  select = (condition: Variable, a: Variable, b: Variable) => this.apply("select", [condition, a, b]);
}
