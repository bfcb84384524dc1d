import { analyse } from "./analysis.ts";
import { flatten, makePlan } from "./plan.ts";
import type { RowOffset, RowProgram, RowValue } from "./row-program.ts";

/**
 * A program as text, with the loops that it becomes:
 *
 *     5 rows × 37 columns
 *       in0: float32 at 37·r
 *     loop 0
 *       %0 = in0
 *       %1 = max over columns %0
 */
export function describe(program: RowProgram): string {
  const facts = analyse(program);
  const flat = flatten(program);
  const plan = makePlan(program, facts);
  const { rows, columns, inputs, values, outputs } = program;
  const extent = flat === program ? "" : " (one range)";
  const lines = [`${rows} rows × ${columns} columns${extent}`];
  for (const [index, { dtype, rowOffset, columnStride }] of inputs.entries()) {
    lines.push(`  in${index}: ${dtype} at ${place(rowOffset, columnStride)}`);
  }
  for (const phase of plan.phases.keys()) {
    if (plan.phases.length > 1) lines.push(`phase ${phase}`);
    for (const [index, value] of values.entries()) {
      if (facts[index]!.phase !== phase) continue;
      const kept = plan.scratch.has(index) ? " (kept)" : "";
      lines.push(`  %${index} = ${expression(value)}: ${facts[index]!.type} by ${facts[index]!.variability}${kept}`);
    }
    for (const [index, output] of outputs.entries()) {
      if (facts[output.value]!.phase !== phase) continue;
      const target =
        output.kind === "store"
          ? `${output.dtype} at ${place(output.rowOffset, output.columnStride)}`
          : `float32 sum over rows in ${output.chunks} chunks`;
      lines.push(`  out${index}: %${output.value} as ${target}`);
    }
  }
  return lines.join("\n");
}

function place({ base, terms }: RowOffset, columnStride: 0 | 1): string {
  const parts = terms.map(({ divisor, modulus, stride }) => {
    const quotient = divisor === 1 ? "r" : `⌊r/${divisor}⌋`;
    return `${stride}·(${quotient} mod ${modulus})`;
  });
  if (base !== 0 || parts.length === 0) parts.unshift(`${base}`);
  if (columnStride === 1) parts.push("c");
  return parts.join(" + ");
}

function expression(value: RowValue): string {
  switch (value.kind) {
    case "input":
      return `in${value.input}`;
    case "constant":
      return `${value.value}`;
    case "unary":
      return `${value.op} %${value.x}`;
    case "binary":
      return `${value.op} %${value.a} %${value.b}`;
    case "select":
      return `select %${value.condition} %${value.a} %${value.b}`;
    case "cast":
      return `cast %${value.x}`;
    case "reduce":
      return `${value.op} over columns %${value.x}`;
    default:
      return value.kind;
  }
}
