import { sizeOf } from "../../../host-tensor.ts";
import type { OnnxEmitter } from "./emitter.ts";

/**
 * Sums of so many numbers or more are taken in two stages. ONNX Runtime adds float32 numbers up one by one along axes that are not the
 * last, and in few parts along the last: each addition rounds by up to half a unit in the last place of the sum so far, and a sum of
 * 2²⁴ ones grows no more. It also leaves all but one thread idle where few sums are long.
 */
const tooLong = 2 ** 16;

/** Numbers in a part of a length that has no better divisor; what is left over is summed by itself. */
const evenPart = 2 ** 12;

/** Whether a sum over these axes had better be taken in stages. */
export function isLongSum(shape: readonly number[], axes: readonly number[]): boolean {
  return sizeOf(shape) > 0 && sizeOf(axes.map((axis) => shape[axis] as number)) >= tooLong;
}

/** A sum over axes in stages of less than 2¹⁶ numbers each (of lengths below 2²⁸); its shape is that without these axes. */
export function emitLongSum(emit: OnnxEmitter, x: string, shape: readonly number[], axes: readonly number[]): string {
  let value = x;
  const left = [...shape];
  // From the last to the first, so that the axes before stay where they are.
  for (const [first, last] of runsOf(axes).reverse()) {
    const run = left.splice(first, last - first + 1);
    value = sumMiddle(emit, value, [sizeOf(left.slice(0, first)), sizeOf(run), sizeOf(left.slice(first))]);
  }
  return value;
}

/** Runs of neighbouring axes, from the first to the last of each. */
function runsOf(axes: readonly number[]): [first: number, last: number][] {
  const runs: [first: number, last: number][] = [];
  for (const axis of axes) {
    const run = runs.at(-1);
    if (run?.[1] === axis - 1) run[1] = axis;
    else runs.push([axis, axis]);
  }
  return runs;
}

/** The sum over the middle one of three axes. Reshapes share memory and cost nothing. */
function sumMiddle(emit: OnnxEmitter, x: string, [before, length, after]: readonly [number, number, number]): string {
  const view = (value: string, ...shape: number[]) => emit.op("Reshape", [value, emit.integers(shape)]);
  const sum = (value: string, axis: number) => emit.op("ReduceSum", [value, emit.integers([axis])], { keepdims: 0 });
  const sumParts = (value: string, parts: number, part: number) =>
    sum(sum(view(value, before, parts, part, after), 2), 1);

  const whole = view(x, before, length, after);
  if (length < tooLong) return sum(whole, 1);
  const part = divisorNearRoot(length);
  if (length / part < tooLong) return sumParts(whole, length / part, part);
  const parts = Math.floor(length / evenPart);
  const slice = (...bounds: [from: number, to: number]) =>
    emit.op("Slice", [whole, ...bounds.map((bound) => emit.integers([bound])), emit.integers([1])]);
  const even = parts * evenPart;
  return emit.op("Add", [sumParts(slice(0, even), parts, evenPart), sum(slice(even, length), 1)]);
}

/** The largest divisor that is at most the square root. */
function divisorNearRoot(length: number): number {
  let divisor = Math.floor(Math.sqrt(length));
  while (length % divisor !== 0) divisor--;
  return divisor;
}
