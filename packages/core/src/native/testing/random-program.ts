import fc from "fast-check";
import type { DType } from "../../host-tensor.ts";
import { analyse } from "../analysis.ts";
import {
  type BinaryOp,
  binaryOps,
  denseRows,
  type ReduceOp,
  type RowInput,
  type RowOffset,
  type RowOutput,
  type RowProgram,
  type RowType,
  type RowValue,
  reduceOps,
  sameForEveryRow,
  type UnaryOp,
  unaryOps,
} from "../row-program.ts";
import { supports } from "../supports.ts";

/** Operations whose results are rounded in the last place, and so may differ from the interpreter's. */
const inexact: ReadonlySet<string> = new Set<UnaryOp | BinaryOp>([
  "exp",
  "expm1",
  "log",
  "log1p",
  "tanh",
  "sigmoid",
  "softplus",
  "erf",
  "sin",
  "cos",
  "pow",
  "mod",
]);

/** Row and column counts at and around the edges of vectors, unrolled loops and blocks. */
const rowCounts = [0, 1, 2, 3, 6, 12, 50];
const columnCounts = [0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 197, 384, 1536];

/** Elements that an operand's tensor needs for all rows to lie inside. */
export function extentOf({ rowOffset, columnStride }: Omit<RowInput, "dtype">, rows: number, columns: number): number {
  const last = rowOffset.terms.reduce(
    (sum, { divisor, modulus, stride }) =>
      sum + Math.min(modulus - 1, Math.floor(Math.max(0, rows - 1) / divisor)) * stride,
    rowOffset.base,
  );
  return last + (columnStride === 1 ? columns : 1);
}

/** Ways in which rows lie in memory: dense, padded, the same for all, one term of a product of axes, transposed. */
function rowOffsets(rows: number, width: number): fc.Arbitrary<RowOffset> {
  const factors = [2, 3].filter((factor) => rows > 0 && rows % factor === 0);
  const split = factors.flatMap((inner): RowOffset[] => {
    const outer = rows / inner;
    return [
      // [outer, inner, width] transposed to [inner, outer, width], then its two halves alone.
      {
        base: 0,
        terms: [
          { divisor: inner, modulus: outer, stride: width },
          { divisor: 1, modulus: inner, stride: width * outer },
        ],
      },
      { base: 0, terms: [{ divisor: inner, modulus: outer, stride: width }] },
      { base: 0, terms: [{ divisor: 1, modulus: inner, stride: width }] },
    ];
  });
  return fc.constantFrom<RowOffset>(
    denseRows(Math.max(rows, 1), width),
    { base: 3, terms: [{ divisor: 1, modulus: Math.max(rows, 1), stride: width + 5 }] },
    sameForEveryRow,
    { base: 2, terms: [] },
    ...split,
  );
}

/** Programs of some 2 to 25 values over operands of every kind, all of whose operations are exact. */
export function randomProgram(): fc.Arbitrary<RowProgram> {
  return fc
    .record({ rows: fc.constantFrom(...rowCounts), columns: fc.constantFrom(...columnCounts) })
    .chain(({ rows, columns }) =>
      fc
        .record({
          inputs: fc.array(randomInput(rows, columns), { minLength: 1, maxLength: 10 }),
          choices: fc.array(fc.array(fc.nat(1 << 16), { minLength: 5, maxLength: 5 }), { minLength: 2, maxLength: 25 }),
          stores: fc.array(fc.tuple(fc.nat(1 << 16), rowOffsetsForStores(rows, columns), fc.boolean()), {
            minLength: 1,
            maxLength: 4,
          }),
          accumulated: fc.array(fc.nat(1 << 16), { maxLength: 2 }),
          chunks: fc.integer({ min: 1, max: 5 }),
        })
        .map((parts) => assemble(rows, columns, parts)),
    );
}

function randomInput(rows: number, columns: number): fc.Arbitrary<RowInput> {
  const dtype = fc.constantFrom<DType>("float32", "float32", "float32", "int32", "bool", "uint8", "bfloat16");
  return fc.oneof(
    rowOffsets(rows, columns).chain((rowOffset) =>
      dtype.map((d): RowInput => ({ dtype: d, rowOffset, columnStride: 1 })),
    ),
    rowOffsets(rows, 1).chain((rowOffset) => dtype.map((d): RowInput => ({ dtype: d, rowOffset, columnStride: 0 }))),
  );
}

/** Offsets at which no two rows overlap. */
function rowOffsetsForStores(rows: number, columns: number): fc.Arbitrary<(width: number) => RowOffset> {
  const count = Math.max(rows, 1);
  return fc.constantFrom<(width: number) => RowOffset>(
    (width) => denseRows(count, width),
    (width) => denseRows(count, width),
    (width) => ({ base: 4, terms: [{ divisor: 1, modulus: count, stride: width + columns }] }),
  );
}

interface Parts {
  readonly inputs: readonly RowInput[];
  readonly choices: readonly (readonly number[])[];
  readonly stores: readonly (readonly [number, (width: number) => RowOffset, boolean])[];
  readonly accumulated: readonly number[];
  readonly chunks: number;
}

function assemble(rows: number, columns: number, { inputs, choices, stores, accumulated, chunks }: Parts): RowProgram {
  const values: RowValue[] = inputs.map((_, input) => ({ kind: "input", input }));
  const partial = () => ({ rows, columns, inputs, values, outputs: [] });
  let types: RowType[] = analyse(partial()).map(({ type }) => type);
  for (const choice of choices) {
    values.push(chooseValue(choice, types));
    types = analyse(partial()).map(({ type }) => type);
  }
  const facts = analyse(partial());
  const outputs = stores.map(([choice, offset, isLate]): RowOutput => {
    // The last values depend on most others.
    const value = isLate ? values.length - 1 - (choice % 3) : choice % values.length;
    const { type, variability } = facts[value]!;
    const columnStride = variability !== "column" && choice % 2 === 0 ? 0 : 1;
    const stored = { int32: "uint8", float32: "bfloat16", bool: "bool" } as const;
    const dtype = choice % 3 === 0 ? stored[type] : type;
    const rowOffset = offset(columnStride === 0 ? 1 : columns);
    const size = extentOf({ rowOffset, columnStride }, rows, columns);
    return { kind: "store", value, dtype, rowOffset, columnStride, size };
  });
  const floats = facts.flatMap(({ type }, value) => (type === "float32" ? [value] : []));
  for (const choice of accumulated) {
    if (floats.length > 0) outputs.push({ kind: "accumulate", value: floats[choice % floats.length]!, chunks });
  }
  return { rows, columns, inputs, values, outputs };
}

function chooseValue([kind, first, second, third, detail]: readonly number[], types: readonly RowType[]): RowValue {
  const pick = <T>(from: readonly T[], by: number): T => from[by % from.length]!;
  const ofType = (type: RowType) => types.flatMap((other, index) => (other === type ? [index] : []));
  const x = first! % types.length;
  const type = types[x]!;
  const same = pick(ofType(type), second!);
  const isExact = (op: UnaryOp | BinaryOp) => !inexact.has(op) && supports(op, type);
  switch (kind! % 8) {
    case 0: {
      const dtype = pick<RowType>(["float32", "int32", "bool"], first!);
      return { kind: "constant", dtype, value: dtype === "bool" ? detail! % 2 : (detail! % 9) - 4 };
    }
    case 1:
      return { kind: "unary", op: pick(unaryOps.filter(isExact), detail!), x };
    case 2:
      return { kind: "cast", dtype: pick<RowType>(["float32", "int32", "bool"], detail!), x };
    case 3:
      if (!supports("sum", type)) break;
      return { kind: "reduce", op: pick<ReduceOp>(reduceOps, detail!), x };
    case 4: {
      const conditions = ofType("bool");
      if (conditions.length === 0) break;
      return { kind: "select", condition: pick(conditions, third!), a: x, b: same };
    }
    case 5:
      return { kind: detail! % 2 === 0 ? "columnIndex" : "rowIndex" };
    default:
  }
  return { kind: "binary", op: pick(binaryOps.filter(isExact), detail!), a: x, b: same };
}
