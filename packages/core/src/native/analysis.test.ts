import { describe, expect, it } from "vitest";
import { analyse, isDense, simplifyOffset } from "./analysis.ts";
import { denseRows, type RowProgram, type RowValue, sameForEveryRow } from "./row-program.ts";

const input = { dtype: "float32", rowOffset: denseRows(4, 8), columnStride: 1 } as const;

function program(values: readonly RowValue[], rest: Partial<RowProgram> = {}): RowProgram {
  return {
    rows: 4,
    columns: 8,
    inputs: [input],
    values: [{ kind: "input", input: 0 }, ...values],
    outputs: [],
    ...rest,
  };
}

describe("analysis", () => {
  it("knows types, what values depend on, and how many reductions come before", () => {
    const facts = analyse(
      program([
        { kind: "constant", dtype: "float32", value: 2 },
        { kind: "reduce", op: "sum", x: 0 },
        { kind: "binary", op: "div", a: 2, b: 1 },
        { kind: "binary", op: "less", a: 0, b: 3 },
        { kind: "cast", dtype: "int32", x: 4 },
        { kind: "reduce", op: "max", x: 5 },
        { kind: "rowIndex" },
      ]),
    );
    expect(facts.map(({ type, variability, phase }) => `${type} ${variability} ${phase}`)).toEqual([
      "float32 column 0",
      "float32 constant 0",
      "float32 row 1",
      "float32 row 1",
      "bool column 1",
      "int32 column 1",
      "int32 row 2",
      "int32 row 0",
    ]);
  });

  it("reads bytes as int32, and one element of rows that all begin alike as a constant", () => {
    const facts = analyse(
      program([{ kind: "input", input: 1 }], {
        inputs: [
          { dtype: "uint8", rowOffset: denseRows(4, 8), columnStride: 1 },
          { dtype: "bool", rowOffset: sameForEveryRow, columnStride: 0 },
        ],
      }),
    );
    expect(facts[0]).toEqual({ type: "int32", variability: "column", phase: 0 });
    expect(facts[1]).toEqual({ type: "bool", variability: "constant", phase: 0 });
  });

  it.each<[RowProgram, string]>([
    [program([], { rows: -1 }), "a row program has -1 rows; it must be a whole number below 2^31"],
    [program([{ kind: "input", input: 3 }]), "value 1 is input 3, but there are 1"],
    [
      program([{ kind: "unary", op: "exp", x: 1 }]),
      "value 1 refers to value 1; operands must come before what uses them",
    ],
    [program([{ kind: "unary", op: "not", x: 0 }]), "value 1: there is no not of float32; ask supports() first"],
    [
      program([{ kind: "rowIndex" }, { kind: "binary", op: "add", a: 0, b: 1 }]),
      "value 2: add of float32 and int32; cast one of them first",
    ],
    [program([{ kind: "select", condition: 0, a: 0, b: 0 }]), "value 1 selects by float32; cast it to bool"],
    [
      program([{ kind: "constant", dtype: "int32", value: 0.5 }]),
      "value 1 is the int32 constant 0.5, which is out of range",
    ],
    [
      program([], {
        outputs: [{ kind: "store", value: 0, dtype: "float32", rowOffset: denseRows(4, 1), columnStride: 0, size: 4 }],
      }),
      "output 0 has one element a row, but value 0 differs from column to column",
    ],
    [
      program([], {
        outputs: [{ kind: "store", value: 0, dtype: "bool", rowOffset: denseRows(4, 8), columnStride: 1, size: 32 }],
      }),
      "output 0 is bool, but value 0 is float32; cast it first",
    ],
    [
      program([], {
        outputs: [
          { kind: "accumulate", value: 0, chunks: 2 },
          { kind: "accumulate", value: 0, chunks: 3 },
        ],
      }),
      "output 1 accumulates in 3 chunks; give all accumulating outputs one positive number of them",
    ],
    [
      program([], { inputs: [{ ...input, rowOffset: { base: 0, terms: [{ divisor: 0, modulus: 1, stride: 1 }] } }] }),
      "the row offset of input 0 must have whole numbers, and divisors and moduli of 1 or more",
    ],
  ])("refuses broken programs (%#)", (broken, message) => {
    expect(() => analyse(broken)).toThrow(message);
  });
});

describe("row offsets", () => {
  it("lose terms that never change, and join axes that lie one after the other", () => {
    // [2, 3, 5] rows of 7 columns, dense: three terms are one.
    const dense = {
      base: 1,
      terms: [
        { divisor: 15, modulus: 2, stride: 105 },
        { divisor: 5, modulus: 3, stride: 35 },
        { divisor: 1, modulus: 5, stride: 7 },
        { divisor: 30, modulus: 9, stride: 1000 },
        { divisor: 1, modulus: 30, stride: 0 },
      ],
    };
    expect(simplifyOffset(dense, 30)).toEqual({ base: 1, terms: [{ divisor: 1, modulus: 30, stride: 7 }] });
    expect(isDense(dense, 30, 7)).toBe(true);
  });

  it("are not dense when transposed, broadcast or padded", () => {
    const transposed = {
      base: 0,
      terms: [
        { divisor: 1, modulus: 2, stride: 21 },
        { divisor: 2, modulus: 3, stride: 7 },
      ],
    };
    expect(isDense(transposed, 6, 7)).toBe(false);
    expect(isDense(sameForEveryRow, 6, 7)).toBe(false);
    expect(isDense(denseRows(6, 8), 6, 7)).toBe(false);
    expect(isDense(sameForEveryRow, 1, 7)).toBe(true);
  });
});
