import { analyse, isDense, simplifyOffset, type ValueFacts } from "./analysis.ts";
import { costOf } from "./operations.ts";
import { type RowOffset, type RowProgram, sameForEveryRow } from "./row-program.ts";

/**
 * What happens at one row, between two reductions: first numbers of the row that are known by now, then one loop over
 * the columns.
 */
export interface Phase {
  /** Values of the row to compute before the loop; reductions of the loop before are the first of them. */
  readonly rowValues: readonly number[];
  /** Outputs of one element a row, written before the loop. */
  readonly rowStores: readonly number[];
  /** What the loop has to bring about: reductions, outputs, and values to keep for later loops. */
  readonly reductions: readonly number[];
  readonly stores: readonly number[];
  readonly keeps: readonly number[];
}

export interface Plan {
  /** Values that do not change from row to row. */
  readonly constants: readonly number[];
  readonly phases: readonly Phase[];
  /** For values kept from one loop to the next: the number of the scratch row that holds them, and the loop that writes it. */
  readonly scratch: ReadonlyMap<number, { readonly row: number; readonly phase: number }>;
  /** The last loop that reads each input which varies along the row. */
  readonly lastRead: ReadonlyMap<number, number>;
}

/** Values that cost more than this many instructions to compute again are kept. */
const keepAbove = 6;

/** Decides in which loop each value of a program is computed, and which are kept for later loops. */
export function makePlan(program: RowProgram, facts: readonly ValueFacts[]): Plan {
  const { values, outputs } = program;
  const isLive = liveValues(program);
  const phaseOf = (value: number) => facts[value]!.phase;
  const last = Math.max(0, ...outputs.map(({ value }) => phaseOf(value)));

  const computedIn = new Map<number, number>();
  const scratch = new Map<number, { row: number; phase: number }>();
  const lastRead = new Map<number, number>();
  const phases: Phase[] = [];
  for (let phase = 0; phase <= last; phase++) {
    const known = (value: number) => facts[value]!.variability === "row" && phaseOf(value) === phase;
    const reductions = values.flatMap((value, index) =>
      value.kind === "reduce" && isLive[index] && phaseOf(value.x) === phase ? [index] : [],
    );
    const isRowStore = (output: number) => {
      const given = outputs[output]!;
      return given.kind === "store" && given.columnStride === 0;
    };
    const stored = outputs.flatMap(({ value }, index) => (phaseOf(value) === phase ? [index] : []));
    const stores = stored.filter((output) => !isRowStore(output));

    /** Whether having a value in this loop again, from what is in memory, takes more than a few instructions. */
    const isExpensive = (value: number): boolean => {
      const seen = new Set<number>();
      let cost = 0;
      const add = (index: number): void => {
        const given = values[index]!;
        const isAtHand = facts[index]!.variability !== "column" || given.kind === "input" || scratch.has(index);
        if (isAtHand || seen.has(index) || cost > keepAbove) return;
        seen.add(index);
        cost += given.kind === "unary" || given.kind === "binary" ? costOf(given.op) : 1;
        for (const operand of operandsOf(given)) add(operand);
      };
      add(value);
      return cost > keepAbove;
    };
    const visited = new Set<number>();
    /** A value of this loop, and all that it is computed from: a chain of any length, so not by recursion. */
    const visit = (wanted: number): void => {
      const left = [wanted];
      for (let value = left.pop(); value !== undefined; value = left.pop()) {
        if (facts[value]!.variability !== "column" || visited.has(value)) continue;
        visited.add(value);
        const before = computedIn.get(value);
        if (before === undefined) computedIn.set(value, phase);
        else if (scratch.has(value)) continue;
        else if (isExpensive(value)) {
          scratch.set(value, { row: scratch.size, phase: before });
          continue;
        }
        const given = values[value]!;
        if (given.kind === "input") lastRead.set(given.input, phase);
        left.push(...operandsOf(given).reverse());
      }
    };
    for (const reduction of reductions) for (const operand of operandsOf(values[reduction]!)) visit(operand);
    for (const output of stores) visit(outputs[output]!.value);

    phases.push({
      rowValues: values.flatMap((_, index) => (isLive[index] && known(index) ? [index] : [])),
      rowStores: stored.filter(isRowStore),
      reductions,
      stores,
      keeps: [],
    });
  }
  return {
    constants: values.flatMap((_, index) => (isLive[index] && facts[index]!.variability === "constant" ? [index] : [])),
    phases: phases.map((phase, index) => ({
      ...phase,
      keeps: [...scratch].flatMap(([value, kept]) => (kept.phase === index ? [value] : [])),
    })),
    scratch,
    lastRead,
  };
}

/**
 * Whether an output may be written to the memory of an input, as a tensor updated in place: they have the same elements
 * in the same places, and no loop reads the input after the one that writes the output. (The same memory must not also
 * be given for another input.)
 */
export function mayOverwrite(program: RowProgram, output: number, input: number): boolean {
  const [to, from] = [program.outputs[output]!, program.inputs[input]!];
  if (to.kind !== "store" || to.dtype !== from.dtype || to.columnStride === 0 || from.columnStride === 0) return false;
  const places = (offset: RowOffset) => JSON.stringify(simplifyOffset(offset, program.rows));
  if (places(to.rowOffset) !== places(from.rowOffset)) return false;
  const { facts, plan } = planOf(program);
  return (plan.lastRead.get(input) ?? 0) <= facts[to.value]!.phase;
}

const plans = new WeakMap<RowProgram, { readonly facts: readonly ValueFacts[]; readonly plan: Plan }>();

/** The plan of a program, made once: every output is asked about every input. */
function planOf(program: RowProgram) {
  const known = plans.get(program);
  if (known) return known;
  const facts = analyse(program);
  const made = { facts, plan: makePlan(program, facts) };
  plans.set(program, made);
  return made;
}

/** The values that a value is computed from. */
export function operandsOf(value: RowProgram["values"][number]): number[] {
  switch (value.kind) {
    case "unary":
    case "cast":
    case "reduce":
      return [value.x];
    case "binary":
      return [value.a, value.b];
    case "select":
      return [value.condition, value.a, value.b];
    default:
      return [];
  }
}

/** Which values some output depends on. */
function liveValues({ values, outputs }: RowProgram): boolean[] {
  const isLive = values.map(() => false);
  for (const { value } of outputs) isLive[value] = true;
  for (let index = values.length - 1; index >= 0; index--) {
    if (isLive[index]) for (const operand of operandsOf(values[index]!)) isLive[operand] = true;
  }
  return isLive;
}

/**
 * The same program over one row as long as all rows together, if every operand allows it: then short rows cost nothing,
 * and threads can share the work evenly.
 */
export function flatten(program: RowProgram): RowProgram {
  const { rows, columns, inputs, values, outputs } = program;
  const isRowwise = ({ kind }: RowProgram["values"][number]) =>
    kind === "reduce" || kind === "rowIndex" || kind === "columnIndex";
  const fits = (operand: RowProgram["inputs"][number]) =>
    operand.columnStride === 1
      ? isDense(operand.rowOffset, rows, columns)
      : simplifyOffset(operand.rowOffset, rows).terms.length === 0;
  const isFlat =
    rows * columns < 2 ** 31 &&
    !values.some(isRowwise) &&
    inputs.every(fits) &&
    outputs.every((output) => output.kind === "store" && output.columnStride === 1 && fits(output));
  if (rows <= 1 || !isFlat) return program;
  const oneRow = <T extends RowProgram["inputs"][number]>(operand: T): T => ({
    ...operand,
    rowOffset: { ...sameForEveryRow, base: operand.rowOffset.base },
  });
  return {
    rows: 1,
    columns: rows * columns,
    inputs: inputs.map(oneRow),
    values,
    outputs: outputs.map((output) => (output.kind === "store" ? oneRow(output) : output)),
  };
}
