import { describe, expect, it } from "vitest";
import { capability } from "./capability.ts";
import { mayOverwrite } from "./plan.ts";
import type { RowProgram } from "./row-program.ts";
import * as examples from "./testing/examples.ts";
import { compileRunnable } from "./testing/run-compiled.ts";

const machine = capability();
const targets = machine.available ? machine.targets : [];

/** Numbers between -2 and 2 that are the same in every run. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed * 2654435761;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 4;
  });
}

/** A closed form in float64, applied to each row of arrays that have one for each. */
function byRow(columns: number, arrays: readonly Float32Array[], form: (...rows: number[][]) => number[]): number[] {
  const rows = arrays[0]!.length / columns;
  return Array.from({ length: rows }, (_, row) =>
    form(...arrays.map((array) => [...array.subarray(row * columns, (row + 1) * columns)])),
  ).flat();
}

function expectClose(got: ArrayLike<number>, want: readonly number[], tolerance: number): void {
  expect(got.length).toBe(want.length);
  const worst = Math.max(0, ...want.map((value, index) => Math.abs(got[index]! - value)));
  expect(worst).toBeLessThan(tolerance);
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;

describe.each(targets)("on %s", (target) => {
  const run = (program: RowProgram, ...inputs: Float32Array[]) => {
    const compiled = compileRunnable(program, target);
    const outputs = compiled.run(inputs);
    compiled.release();
    return outputs;
  };

  it.each([
    [3, 1],
    [5, 7],
    [40, 197],
    [4, 1536],
  ])("softmax and its gradient over [%i, %i]", (rows, columns) => {
    const x = numbers(rows * columns, 1);
    const dy = numbers(rows * columns, 2);
    const [y] = run(examples.softmax(rows, columns), x);
    const form = (row: number[]) => {
      const total = sum(row.map(Math.exp));
      return row.map((value) => Math.exp(value) / total);
    };
    expectClose(y!, byRow(columns, [x], form), 3e-7);
    const [dx] = run(examples.softmaxGradient(rows, columns), y as Float32Array, dy);
    const gradient = byRow(columns, [x, dy], (row, dRow) => {
      const p = form(row);
      const projection = sum(p.map((value, column) => value * dRow[column]!));
      return p.map((value, column) => value * (dRow[column]! - projection));
    });
    expectClose(dx!, gradient, 1e-6);
  });

  it.each([
    [2, 8],
    [33, 63],
    [50, 384],
  ])("layer normalisation and its gradient over [%i, %i]", (rows, columns) => {
    const epsilon = 1e-6;
    const [x, dy] = [numbers(rows * columns, 3), numbers(rows * columns, 4)];
    const [scale, bias] = [numbers(columns, 5), numbers(columns, 6)];
    const deviation = (row: number[]) => {
      const center = mean(row);
      return Math.sqrt(mean(row.map((value) => (value - center) ** 2)) + epsilon);
    };
    const normalise = (row: number[]) => {
      const [center, width] = [mean(row), deviation(row)];
      return row.map((value) => (value - center) / width);
    };
    const [y, means, inverses] = run(examples.layerNorm(rows, columns, epsilon), x, scale, bias);
    const want = byRow(columns, [x], (row) => normalise(row).map((value, c) => value * scale[c]! + bias[c]!));
    expectClose(y!, want, 3e-6);
    expectClose(
      means!,
      byRow(columns, [x], (row) => [mean(row)]),
      1e-6,
    );

    const chunks = 3;
    const program = examples.layerNormGradient(rows, columns, chunks);
    const outputs = run(program, x, dy, scale, means as Float32Array, inverses as Float32Array);
    const dx = byRow(columns, [x, dy], (row, dRow) => {
      const normal = normalise(row);
      const scaled = dRow.map((value, c) => value * scale[c]!);
      const [center, projection] = [mean(scaled), mean(scaled.map((value, c) => value * normal[c]!))];
      const width = deviation(row);
      return scaled.map((value, c) => (value - center - normal[c]! * projection) / width);
    });
    expectClose(outputs[0]!, dx, 1e-5);
    const normal = byRow(columns, [x], normalise);
    const columnSums = (values: ArrayLike<number>) =>
      Array.from({ length: columns }, (_, c) =>
        sum(Array.from({ length: values.length / columns }, (__, row) => values[row * columns + c]!)),
      );
    expectClose(columnSums(outputs[1]!), columnSums(normal.map((value, index) => value * dy[index]!)), 1e-4);
    expectClose(columnSums(outputs[2]!), columnSums(dy), 1e-4);
  });

  it("RMS normalisation over rows of one head", () => {
    const [rows, columns, epsilon] = [120, 64, 1e-6];
    const [x, scale] = [numbers(rows * columns, 7), numbers(columns, 8)];
    const [y] = run(examples.rmsNorm(rows, columns, epsilon), x, scale);
    const want = byRow(columns, [x], (row) => {
      const root = Math.sqrt(mean(row.map((value) => value ** 2)) + epsilon);
      return row.map((value, c) => (value / root) * scale[c]!);
    });
    expectClose(y!, want, 2e-6);
  });

  it("GELU in its tanh form, and its gradient against central differences", () => {
    const [rows, columns] = [9, 1536];
    const x = numbers(rows * columns, 9).map((value) => value * 2);
    const form = (value: number) =>
      (value / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3)));
    const [y] = run(examples.gelu(rows, columns), x);
    expectClose(y!, [...x].map(form), 1e-6);
    const dy = numbers(rows * columns, 10);
    const [dx] = run(examples.geluGradient(rows, columns), x, dy);
    const h = 1e-5;
    expectClose(
      dx!,
      [...x].map((value, index) => (dy[index]! * (form(value + h) - form(value - h))) / (2 * h)),
      3e-6,
    );
  });

  it("AdamW in place, over several blocks", () => {
    const settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.05 };
    const [rows, columns] = [300, 131];
    const count = rows * columns;
    const program = examples.adamW(rows, columns, settings);
    // Parameters and moments are inputs 0, 2 and 3, and outputs 0, 1 and 2.
    expect([mayOverwrite(program, 0, 0), mayOverwrite(program, 1, 2), mayOverwrite(program, 2, 3)]).toEqual([
      true,
      true,
      true,
    ]);
    const [parameters, gradients] = [numbers(count, 11), numbers(count, 12)];
    const [first, second] = [new Float32Array(count), new Float32Array(count)];
    const want = { p: [...parameters], m: [...first], v: [...second] };
    const compiled = compileRunnable(program, target);
    for (let step = 1; step <= 3; step++) {
      const corrections = [1 / (1 - settings.beta1 ** step), 1 / (1 - settings.beta2 ** step)] as const;
      const scalars = [0.01, ...corrections].map((value) => Float32Array.of(value));
      compiled.run([parameters, gradients, first, second, ...scalars], [parameters, first, second]);
      for (let i = 0; i < count; i++) {
        const gradient = gradients[i]!;
        want.m[i] = settings.beta1 * want.m[i]! + (1 - settings.beta1) * gradient;
        want.v[i] = settings.beta2 * want.v[i]! + (1 - settings.beta2) * gradient ** 2;
        const update = (want.m[i]! * corrections[0]) / (Math.sqrt(want.v[i]! * corrections[1]) + settings.epsilon);
        want.p[i]! -= 0.01 * (update + settings.decay * want.p[i]!);
      }
    }
    compiled.release();
    expectClose(parameters, want.p, 1e-6);
    expectClose(second, want.v, 1e-6);
  });
});

describe("what may be overwritten", () => {
  it("is an input that is read in the loop of the output at the latest", () => {
    // Softmax reads x in its second loop for the last time, and keeps the powers for the third.
    expect(mayOverwrite(examples.softmax(4, 32), 0, 0)).toBe(true);
    // dx may take the place of dy or x; the accumulated outputs are of another size.
    const gradient = examples.layerNormGradient(4, 32, 1);
    expect([0, 1].map((input) => mayOverwrite(gradient, 0, input))).toEqual([true, true]);
    expect(mayOverwrite(gradient, 1, 0)).toBe(false);
  });

  it("is not an input that a later loop reads, one with other rows, or one element a row", () => {
    const [rows, columns] = [4, 32];
    const program = examples.layerNorm(rows, columns, 1e-6);
    const early: RowProgram = {
      ...program,
      outputs: [{ ...program.outputs[0]!, value: 0 }, program.outputs[0]!],
    };
    expect(mayOverwrite(early, 0, 0)).toBe(false);
    expect(mayOverwrite(early, 1, 0)).toBe(true);
    expect(mayOverwrite(program, 0, 1)).toBe(false);
    expect(mayOverwrite(program, 1, 0)).toBe(false);
  });
});
