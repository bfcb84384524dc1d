import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DataOf, DType } from "../host-tensor.ts";
import { capability } from "./capability.ts";
import { describe as text } from "./describe.ts";
import { interpret } from "./interpret.ts";
import { denseRows, type RowProgram, type RowValue } from "./row-program.ts";
import { guardedArray } from "./testing/guarded-array.ts";
import { extentOf, randomProgram } from "./testing/random-program.ts";
import { compileRunnable } from "./testing/run-compiled.ts";

const machine = capability();
const targets = machine.available ? machine.targets : [];
if (!machine.available) process.stderr.write(`compiled programs are not tested: ${machine.reason}\n`);

/** Values where rounding, ties, signs and infinities matter, among ordinary ones. */
const interesting = [0, -0, 0.5, 1.5, 2.5, -0.5, -1.5, 1, -1, 3, 1e-40, -1e30, 3e9, Infinity, -Infinity, Number.NaN];

function fill(data: DataOf<DType>, seed: number): void {
  let state = (seed | 1) >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let index = 0; index < data.length; index++) {
    const isSpecial = next() < 0.1;
    const value = isSpecial ? interesting[Math.floor(next() * interesting.length)]! : (next() - 0.5) * 8;
    if (data instanceof Float32Array) data[index] = value;
    else if (data instanceof Int32Array) data[index] = (next() - 0.5) * 2 ** 32;
    else data[index] = next() * (data instanceof Uint16Array ? 2 ** 16 : 4);
  }
}

/** Equal bits, but for the payload and sign of NaN. */
function differences(got: DataOf<DType>, want: DataOf<DType>): string[] {
  const isNaN16 = (bits: number | undefined) => want instanceof Uint16Array && ((bits ?? 0) & 0x7fff) > 0x7f80;
  return [...want].flatMap((value, index) => {
    const isSame = Object.is(got[index], value) || (isNaN16(value) && isNaN16(got[index]));
    return isSame ? [] : [`[${index}] ${got[index]} ≠ ${value}`];
  });
}

describe.each(targets)("compiled for %s", (target) => {
  it("gives the interpreter's bits for random programs, and stays inside its arrays", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(randomProgram(), fc.nat(), (program, seed) => {
        const { rows, columns } = program;
        const inputs = program.inputs.map((input) => guardedArray(input.dtype, extentOf(input, rows, columns)));
        const outputs = program.outputs.map((output) =>
          output.kind === "store"
            ? guardedArray(output.dtype, output.size)
            : guardedArray("float32", output.chunks * columns),
        );
        for (const [index, { data }] of inputs.entries()) {
          fill(data, seed + index);
          if (program.inputs[index]!.dtype === "bool") for (let i = 0; i < data.length; i++) data[i] = data[i]! & 1;
        }
        const want = interpret(
          program,
          inputs.map(({ data }) => data),
        );
        const compiled = compileRunnable(program, target);
        try {
          compiled.run(
            inputs.map(({ data }) => data),
            outputs.map(({ data }) => data),
          );
          for (const [index, { data, isIntact }] of outputs.entries()) {
            const wrong = differences(data, want[index]!);
            if (wrong.length > 0) throw new Error(`output ${index}: ${wrong.slice(0, 5).join(", ")}\n${text(program)}`);
            expect(isIntact()).toBe(true);
          }
        } finally {
          compiled.release();
          for (const array of [...inputs, ...outputs]) array.release();
        }
      }),
      // Now and then a random program is large; a busy machine then does fewer of them.
      { numRuns: 200, interruptAfterTimeLimit: 15_000 },
    );
  });

  it("reads bfloat16, rounds to it as the interpreter does, and writes whole and partial vectors", () => {
    for (const columns of [1, 7, 16, 35]) {
      const rowOffset = denseRows(3, columns);
      const program: RowProgram = {
        rows: 3,
        columns,
        inputs: [
          { dtype: "bfloat16", rowOffset, columnStride: 1 },
          { dtype: "bfloat16", rowOffset: denseRows(3, 1), columnStride: 0 },
        ],
        values: [
          { kind: "input", input: 0 },
          { kind: "input", input: 1 },
          { kind: "binary", op: "mul", a: 0, b: 1 },
          { kind: "unary", op: "roundBfloat16", x: 2 },
          { kind: "unary", op: "roundBfloat16", x: 1 },
        ],
        outputs: [
          { kind: "store", value: 3, dtype: "bfloat16", rowOffset, columnStride: 1, size: 3 * columns },
          { kind: "store", value: 4, dtype: "bfloat16", rowOffset: denseRows(3, 1), columnStride: 0, size: 3 },
        ],
      };
      const inputs = [new Uint16Array(3 * columns), new Uint16Array(3)];
      for (const [index, data] of inputs.entries()) fill(data, index);
      const compiled = compileRunnable(program, target);
      const got = compiled.run(inputs);
      compiled.release();
      for (const [index, want] of interpret(program, inputs).entries())
        expect(differences(got[index]!, want)).toEqual([]);
    }
  });

  it("takes chains longer than a stack is deep, also across a reduction", () => {
    const values: RowValue[] = [{ kind: "input", input: 0 }];
    const negate = (x: number) => values.push({ kind: "unary", op: "neg", x }) - 1;
    const chain = (x: number) => {
      let last = x;
      for (let index = 0; index < 6001; index++) last = negate(last);
      return last;
    };
    const negated = chain(0);
    const largest = values.push({ kind: "reduce", op: "max", x: negated }) - 1;
    const result = chain(values.push({ kind: "binary", op: "sub", a: negated, b: largest }) - 1);
    const rowOffset = denseRows(2, 3);
    const program: RowProgram = {
      rows: 2,
      columns: 3,
      inputs: [{ dtype: "float32", rowOffset, columnStride: 1 }],
      values,
      outputs: [{ kind: "store", value: result, dtype: "float32", rowOffset, columnStride: 1, size: 6 }],
    };
    const compiled = compileRunnable(program, target);
    const [y] = compiled.run([Float32Array.of(1, 2, 4, 3, 1, 8)]);
    compiled.release();
    // −(−x − max(−x))
    expect([...y!]).toEqual([-0, 1, 3, 2, -0, 7]);
  });

  it("takes time in proportion to a program where every value is used twice, across a reduction too", () => {
    const [rows, columns] = [2, 5];
    const values: RowValue[] = [{ kind: "input", input: 0 }];
    const double = (x: number) => values.push({ kind: "binary", op: "add", a: x, b: x }) - 1;
    let last = 0;
    for (let index = 0; index < 50; index++) last = double(last);
    const total = values.push({ kind: "reduce", op: "max", x: last }) - 1;
    let result = values.push({ kind: "binary", op: "div", a: last, b: total }) - 1;
    for (let index = 0; index < 50; index++) result = double(result);
    const rowOffset = denseRows(rows, columns);
    const program: RowProgram = {
      rows,
      columns,
      inputs: [{ dtype: "float32", rowOffset, columnStride: 1 }],
      values,
      outputs: [{ kind: "store", value: result, dtype: "float32", rowOffset, columnStride: 1, size: rows * columns }],
    };
    const compiled = compileRunnable(program, target);
    const [y] = compiled.run([Float32Array.from([1, 2, 4, 1, 2, 4, 4, 1, 2, 1])]);
    compiled.release();
    expect([...y!]).toEqual([1, 2, 4, 1, 2, 4, 4, 1, 2, 1].map((x) => (x / 4) * 2 ** 50));
  });
});
