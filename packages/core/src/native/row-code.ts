import type { ValueFacts } from "./analysis.ts";
import { identityOf, lowerBinary, lowerCast, lowerConstant, lowerReduceStep, lowerUnary } from "./operations.ts";
import { operandsOf, type Phase, type Plan } from "./plan.ts";
import type { RowProgram } from "./row-program.ts";
import { type ElementReference, lanesOf, type Variable, type Variables, VectorCode } from "./vector-code.ts";

/** A reduction under way: one accumulator for each copy of the loop body. */
export interface Accumulators {
  readonly value: number;
  readonly partial: readonly Variable[];
}

/**
 * Lanes over which a row is summed at first, whatever the vector length, so that sums are the same on every machine:
 * column c goes to lane c mod 32.
 */
export const sumLanes = 32;

/** One vector of a row: how far it is from the current column, and how many of its lanes exist if not all do. */
export type Position = Pick<ElementReference, "column" | "lanes">;

/** Writes the vector code of a program: the parts that skeletons of loops (`compile.ts`) are filled with. */
export class RowCode {
  /** Variables of values that have one for the whole row; all have homes. */
  private readonly rowVariables = new Map<number, Variable>();

  constructor(
    private readonly program: RowProgram,
    private readonly facts: readonly ValueFacts[],
    private readonly plan: Plan,
    private readonly variables: Variables,
  ) {}

  /** Vectors that the loop of a phase takes at a time. */
  unroll(phase: Phase): number {
    return phase.reductions.length > 0 ? sumLanes / lanesOf(this.variables.target) : 1;
  }

  /** What is computed once, before any row. */
  constants(): VectorCode {
    const code = new VectorCode(this.variables);
    for (const value of this.plan.constants) this.setRowVariable(code, value);
    return code;
  }

  /** What is computed at each row before the loop of a phase. `reduced` are the accumulators of the loop before. */
  header(phase: Phase, reduced: readonly Accumulators[]): VectorCode {
    const code = new VectorCode(this.variables);
    for (const accumulators of reduced) this.fold(code, accumulators);
    for (const value of phase.rowValues) {
      if (!this.rowVariables.has(value)) this.setRowVariable(code, value);
    }
    for (const index of phase.rowStores) {
      this.store(code, index, this.rowVariables.get(this.program.outputs[index]!.value)!, "row");
    }
    return code;
  }

  /** Makes the accumulators of a phase. Each starts from the constant that it is mapped to. */
  startReductions(phase: Phase): { accumulators: Accumulators[]; identities: Map<Variable, Variable> } {
    const code = new VectorCode(this.variables);
    const identities = new Map<Variable, Variable>();
    const accumulators = phase.reductions.map((value) => {
      const start = identityOf(code, this.reduction(value).op, this.facts[value]!.type);
      const partial = Array.from({ length: this.unroll(phase) }, () => this.variables.fresh());
      for (const variable of partial) identities.set(variable, start);
      return { value, partial };
    });
    return { accumulators, identities };
  }

  /**
   * One vector of the loop of a phase. `isPinned` tells whether accumulators stay in registers.
   */
  body(
    code: VectorCode,
    phase: number,
    accumulators: readonly Accumulators[],
    copy: number,
    at: Position,
    isPinned: boolean,
  ): void {
    const { stores, keeps } = this.plan.phases[phase]!;
    const cache = new Map<number, Variable>();
    const variable = (value: number) => this.columnVariable(code, value, phase, at, cache);
    for (const { value, partial } of accumulators) {
      const { op, x } = this.reduction(value);
      const { type } = this.facts[value]!;
      let next = variable(x);
      if (at.lanes !== undefined) {
        next = code.select(this.tailMask(at.lanes), next, identityOf(code, op, type));
      }
      code.assign(partial[copy]!, lowerReduceStep(code, op, partial[copy]!, next, type), isPinned);
    }
    // Everything is loaded before anything is stored, so that outputs may overwrite inputs.
    const results = stores.map((index) => variable(this.program.outputs[index]!.value));
    for (const value of keeps) {
      code.store("store", variable(value), this.scratchElement(value, at));
    }
    for (const [position, index] of stores.entries()) this.store(code, index, results[position]!, at);
  }

  /** Pointers are numbered: inputs, outputs, then scratch rows. */
  private outputPointer(output: number): number {
    return this.program.inputs.length + output;
  }

  /** Scratch rows hold whole vectors, also at the end of a row. */
  private scratchElement(value: number, { column }: Position): ElementReference {
    const { inputs, outputs } = this.program;
    const { row } = this.plan.scratch.get(value)!;
    return { pointer: inputs.length + outputs.length + row, column, lanes: undefined };
  }

  private reduction(value: number) {
    const reduction = this.program.values[value]!;
    if (reduction.kind !== "reduce") throw new Error(`internal: value ${value} is no reduction`);
    return reduction;
  }

  /** Combines the accumulators, then the halves, quarters, … of the vector: all lanes get the result. */
  private fold(code: VectorCode, { value, partial }: Accumulators): void {
    const { op } = this.reduction(value);
    const { type } = this.facts[value]!;
    let parts: readonly Variable[] = partial;
    while (parts.length > 1) {
      const half = parts.length / 2;
      const [first, second] = [parts.slice(0, half), parts.slice(half)];
      parts = first.map((part, index) => lowerReduceStep(code, op, part, second[index]!, type));
    }
    let result = parts[0]!;
    for (let distance = lanesOf(this.variables.target) / 2; distance >= 1; distance /= 2) {
      result = lowerReduceStep(code, op, result, code.apply("swap", [result], distance), type);
    }
    // The lanes are equal but for the signs of zeros, which follow the order of operands.
    if (op !== "sum") result = code.apply("splat", [result]);
    code.keep(result);
    this.rowVariables.set(value, result);
  }

  private setRowVariable(code: VectorCode, value: number): void {
    const variable = this.compute(code, value, (operand) => this.rowVariables.get(operand)!, "row");
    code.keep(variable);
    this.rowVariables.set(value, variable);
  }

  /** The variable of a value, after those of all that it is computed from: a chain of any length, so not by recursion. */
  private columnVariable(
    code: VectorCode,
    wanted: number,
    phase: number,
    at: Position,
    cache: Map<number, Variable>,
  ): Variable {
    const known = (value: number) => this.rowVariables.get(value) ?? cache.get(value);
    const left = [wanted];
    for (let value = left.at(-1); value !== undefined; value = left.at(-1)) {
      if (known(value) === undefined) {
        const kept = this.plan.scratch.get(value);
        const isKept = kept !== undefined && kept.phase < phase;
        const operands = isKept ? [] : operandsOf(this.program.values[value]!);
        const missing = operands.filter((operand) => known(operand) === undefined);
        if (missing.length > 0) {
          left.push(...missing.reverse());
          continue;
        }
        const variable = isKept
          ? code.load("load", this.scratchElement(value, at))
          : this.compute(code, value, (operand) => known(operand)!, at);
        cache.set(value, variable);
      }
      left.pop();
    }
    return known(wanted)!;
  }

  private compute(
    code: VectorCode,
    index: number,
    operand: (value: number) => Variable,
    at: "row" | Position,
  ): Variable {
    const value = this.program.values[index]!;
    switch (value.kind) {
      case "input":
        return this.read(code, value.input, at);
      case "constant":
        return lowerConstant(code, value.value, value.dtype);
      case "columnIndex":
        return code.apply("columnIndex", [], at === "row" ? 0 : at.column);
      case "rowIndex":
        return code.apply("rowIndex", []);
      case "cast":
        return lowerCast(code, operand(value.x), this.facts[value.x]!.type, value.dtype);
      case "unary":
        return lowerUnary(code, value.op, operand(value.x), this.facts[value.x]!.type);
      case "binary":
        return lowerBinary(code, value.op, operand(value.a), operand(value.b), this.facts[value.a]!.type);
      case "select":
        return code.select(operand(value.condition), operand(value.a), operand(value.b));
      default:
        throw new Error(`internal: value ${index} is a ${value.kind}, which is folded`);
    }
  }

  private read(code: VectorCode, input: number, at: "row" | Position): Variable {
    const { dtype, columnStride } = this.program.inputs[input]!;
    const isOne = at === "row" || columnStride === 0;
    const element: ElementReference = isOne
      ? { pointer: input, column: 0, lanes: undefined }
      : { pointer: input, ...at };
    if (dtype === "bfloat16") return code.shiftLeft(code.load(isOne ? "broadcastHalf" : "loadHalves", element), 16);
    if (dtype === "float32" || dtype === "int32") return code.load(isOne ? "broadcast" : "load", element);
    const bytes = code.load(isOne ? "broadcastByte" : "loadBytes", element);
    return dtype === "bool" ? code.apply("greaterInt", [bytes, code.int(0)]) : bytes;
  }

  /** Writes a vector, or the one element of a row. */
  private store(code: VectorCode, index: number, x: Variable, at: "row" | Position): void {
    const output = this.program.outputs[index]!;
    const pointer = this.outputPointer(index);
    const element = at === "row" ? { pointer, column: 0, lanes: undefined } : { pointer, ...at };
    if (output.kind === "accumulate") {
      code.store("store", code.add(code.load("load", element), x), element);
    } else if (output.dtype === "float32" || output.dtype === "int32") {
      code.store(at === "row" ? "storeOne" : "store", x, element);
    } else if (output.dtype === "bfloat16") {
      code.store(at === "row" ? "storeOneHalf" : "storeHalves", code.shiftRight(x, 16), element);
    } else {
      const byte = code.and(x, code.int(output.dtype === "bool" ? 1 : 255));
      code.store(at === "row" ? "storeOneByte" : "storeBytes", byte, element);
    }
  }

  private tailMask(lanes: number): Variable {
    const words = Array.from({ length: lanesOf(this.variables.target) }, (_, lane) => (lane < lanes ? -1 : 0));
    return this.variables.constant(words);
  }
}
