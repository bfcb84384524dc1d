import { expect } from "vitest";
import { sizeOf } from "../../host-tensor.ts";
import { Emitter } from "../emit.ts";
import { type Graph, GraphBuilder, type Node, type TensorType } from "../graph.ts";
import type { Pass } from "../passes/rules.ts";
import { printGraph, printType } from "../print.ts";
import { verifyGraph } from "../verify.ts";
import { interpretValues } from "./interpret.ts";
import { randomInputs } from "./random-data.ts";

/** A graph from a function of its inputs, which are named by their position in the alphabet. */
export function graphOf(
  types: readonly TensorType[],
  build: (emit: Emitter, ...inputs: Node[]) => Node | Node[],
): Graph {
  const builder = new GraphBuilder();
  const inputs = types.map(({ dtype, shape }, i) => builder.input(String.fromCharCode(97 + i), dtype, shape));
  return builder.build([build(new Emitter(builder), ...inputs)].flat());
}

/** A float32 type. */
export const f32 = (...shape: number[]): TensorType => ({ dtype: "float32", shape });
/** An int32 type. */
export const i32 = (...shape: number[]): TensorType => ({ dtype: "int32", shape });
/** A bool type. */
export const bool = (...shape: number[]): TensorType => ({ dtype: "bool", shape });

/**
 * Fails unless two graphs are valid, have outputs of the same types, and give the same numbers on random inputs:
 * within `tolerance` of the largest of each output, computed in double precision, so that only the order and form of
 * operations can make a difference. NaN equals NaN, and zeros of either sign are equal.
 */
export function expectSameResults(before: Graph, after: Graph, { tolerance = 1e-6, seed = 0 } = {}): void {
  verifyGraph(before);
  verifyGraph(after);
  expect(after.inputs.map(printType)).toEqual(before.inputs.map(printType));
  expect(after.outputs.map(printType)).toEqual(before.outputs.map(printType));
  const inputs = randomInputs(before, seed);
  const wanted = interpretValues(before, inputs, { rounding: "none" });
  for (const [i, { data, shape }] of interpretValues(after, inputs, { rounding: "none" }).entries()) {
    expect(data.length).toBe(sizeOf(shape));
    const reference = wanted[i]?.data as Float64Array;
    const scale = reference.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 1);
    for (const [j, value] of data.entries()) {
      const expected = reference[j] as number;
      const isSame =
        Object.is(value, expected) || value === expected || Math.abs(value - expected) <= tolerance * scale;
      if (!isSame) {
        expect.fail(
          `output ${i}, element ${j}: ${value} where it was ${expected}\nbefore:\n${printGraph(before)}\nafter:\n${printGraph(after)}`,
        );
      }
    }
  }
}

/** Fails unless a pass turns a graph into the one with that text, and both give the same numbers. */
export function expectPass(pass: Pass, before: Graph, text: string): void {
  const after = pass(before);
  const trimmed = text.replace(/^\s+/gm, "").trimEnd();
  // Inputs stay as they are; tests write only what is computed from them.
  const computed = printGraph(after)
    .split("\n")
    .filter((line) => !/^%\d+ = input /.test(line));
  expect(computed.join("\n")).toBe(trimmed);
  expectSameResults(before, after);
}
