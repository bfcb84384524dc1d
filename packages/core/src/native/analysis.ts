import { type RowOffset, type RowProgram, type RowType, type RowValue, registerTypeOf } from "./row-program.ts";
import { resultType, supports } from "./supports.ts";

/** What a value depends on: nothing that moves, the row, or the row and the column. */
export type Variability = "constant" | "row" | "column";

/** What is known of a value before anything runs. */
export interface ValueFacts {
  readonly type: RowType;
  readonly variability: Variability;
  /** How many reductions one after the other lie between the inputs and the value: when in a row it can be known. */
  readonly phase: number;
}

/**
 * Checks a program and derives the facts of its values.
 *
 * @throws RangeError or TypeError that names the value or operand and the rule that it breaks.
 */
export function analyse(program: RowProgram): ValueFacts[] {
  const { rows, columns, inputs, outputs, values } = program;
  for (const [name, count] of [["rows", rows] as const, ["columns", columns] as const]) {
    if (!Number.isInteger(count) || count < 0 || count >= 2 ** 31) {
      throw new RangeError(`a row program has ${count} ${name}; it must be a whole number below 2^31`);
    }
  }
  for (const [index, input] of inputs.entries()) checkOffset(input.rowOffset, `input ${index}`);
  const facts: ValueFacts[] = [];
  for (const [index, value] of values.entries()) facts.push(factsOf(program, value, index, facts));
  for (const [index, output] of outputs.entries()) {
    const name = `output ${index}`;
    const fact = facts[output.value];
    if (fact === undefined) throw new RangeError(`${name} is value ${output.value}, but there are ${values.length}`);
    if (output.kind === "accumulate") {
      if (fact.type !== "float32") throw new TypeError(`${name} accumulates ${fact.type}; only float32 can be summed`);
      const first = outputs.find((other) => other.kind === "accumulate");
      if (!Number.isInteger(output.chunks) || output.chunks < 1 || first?.chunks !== output.chunks) {
        throw new RangeError(
          `${name} accumulates in ${output.chunks} chunks; give all accumulating outputs one positive number of them`,
        );
      }
      continue;
    }
    checkOffset(output.rowOffset, name);
    if (output.columnStride === 0 && fact.variability === "column") {
      throw new RangeError(`${name} has one element a row, but value ${output.value} differs from column to column`);
    }
    if (registerTypeOf(output.dtype) !== fact.type) {
      throw new TypeError(`${name} is ${output.dtype}, but value ${output.value} is ${fact.type}; cast it first`);
    }
  }
  return facts;
}

function checkOffset({ base, terms }: RowOffset, name: string): void {
  const isOffset = Number.isSafeInteger(base) && terms.every(({ stride }) => Number.isSafeInteger(stride));
  const isSteps = terms.every(({ divisor, modulus }) =>
    [divisor, modulus].every((count) => Number.isSafeInteger(count) && count >= 1),
  );
  if (!isOffset || !isSteps) {
    throw new RangeError(`the row offset of ${name} must have whole numbers, and divisors and moduli of 1 or more`);
  }
}

function factsOf(program: RowProgram, value: RowValue, index: number, earlier: readonly ValueFacts[]): ValueFacts {
  const operand = (reference: number): ValueFacts => {
    const facts = earlier[reference];
    if (facts === undefined) {
      throw new RangeError(`value ${index} refers to value ${reference}; operands must come before what uses them`);
    }
    return facts;
  };
  switch (value.kind) {
    case "input": {
      const input = program.inputs[value.input];
      if (input === undefined) {
        throw new RangeError(`value ${index} is input ${value.input}, but there are ${program.inputs.length}`);
      }
      const type = registerTypeOf(input.dtype);
      const isFixed = simplifyOffset(input.rowOffset, program.rows).terms.length === 0;
      const variability = input.columnStride === 1 ? "column" : isFixed ? "constant" : "row";
      return { type, variability, phase: 0 };
    }
    case "constant": {
      const { dtype, value: number } = value;
      if ((dtype === "int32" && number !== (number | 0)) || (dtype === "bool" && number !== 0 && number !== 1)) {
        throw new RangeError(`value ${index} is the ${dtype} constant ${number}, which is out of range`);
      }
      return { type: dtype, variability: "constant", phase: 0 };
    }
    case "columnIndex":
      return { type: "int32", variability: "column", phase: 0 };
    case "rowIndex":
      return { type: "int32", variability: "row", phase: 0 };
    case "cast": {
      return { ...combine([operand(value.x)]), type: value.dtype };
    }
    case "unary":
    case "reduce": {
      const x = operand(value.x);
      checkSupport(value.op, x.type, index);
      if (value.kind === "reduce") return { type: x.type, variability: "row", phase: x.phase + 1 };
      return { ...combine([x]), type: resultType(value.op, x.type) };
    }
    case "binary": {
      const [a, b] = [operand(value.a), operand(value.b)];
      checkSame(value.op, a.type, b.type, index);
      checkSupport(value.op, a.type, index);
      return { ...combine([a, b]), type: resultType(value.op, a.type) };
    }
    case "select": {
      const [condition, a, b] = [operand(value.condition), operand(value.a), operand(value.b)];
      if (condition.type !== "bool")
        throw new TypeError(`value ${index} selects by ${condition.type}; cast it to bool`);
      checkSame("select", a.type, b.type, index);
      return { ...combine([condition, a, b]), type: a.type };
    }
    default:
      throw new TypeError(`value ${index} is of an unknown kind: ${JSON.stringify(value satisfies never)}`);
  }
}

function checkSupport(op: Parameters<typeof supports>[0], type: RowType, index: number): void {
  if (!supports(op, type)) throw new TypeError(`value ${index}: there is no ${op} of ${type}; ask supports() first`);
}

function checkSame(op: string, a: RowType, b: RowType, index: number): void {
  if (a !== b) throw new TypeError(`value ${index}: ${op} of ${a} and ${b}; cast one of them first`);
}

const order: readonly Variability[] = ["constant", "row", "column"];

/** Facts of what is computed from operands. */
function combine(operands: readonly ValueFacts[]): Pick<ValueFacts, "variability" | "phase"> {
  return {
    variability: order[Math.max(...operands.map(({ variability }) => order.indexOf(variability)))]!,
    phase: Math.max(...operands.map(({ phase }) => phase)),
  };
}

/** The same offsets for rows 0 to `rows` - 1, without terms that never change and with neighbouring terms merged. */
export function simplifyOffset({ base, terms }: RowOffset, rows: number): RowOffset {
  const sorted = terms
    .filter(({ divisor, modulus, stride }) => stride !== 0 && modulus > 1 && divisor < rows)
    .sort((a, b) => a.divisor - b.divisor);
  const merged: RowOffset["terms"][number][] = [];
  for (const term of sorted) {
    const last = merged.at(-1);
    const continues =
      last !== undefined && last.divisor * last.modulus === term.divisor && last.stride * last.modulus === term.stride;
    if (continues) merged[merged.length - 1] = { ...last, modulus: last.modulus * term.modulus };
    else merged.push(term);
  }
  return { base, terms: merged };
}

/** Whether rows lie one after the other, so that rows and columns make one contiguous range. */
export function isDense(offset: RowOffset, rows: number, columns: number): boolean {
  const { terms } = simplifyOffset(offset, rows);
  if (rows <= 1) return true;
  const [term] = terms;
  return terms.length === 1 && term!.divisor === 1 && term!.modulus >= rows && term!.stride === columns;
}
