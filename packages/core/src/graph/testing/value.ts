import { narrowToBfloat16, widenBfloat16 } from "../../files/half.ts";
import { type DType, type HostTensor, hostTensor, newData, sizeOf } from "../../host-tensor.ts";
import type { TensorType } from "../graph.ts";
import { keepNumber } from "../scalars.ts";

/** A tensor in double precision, whatever its dtype: what the interpreter computes with. */
export interface Value extends TensorType {
  readonly data: Float64Array;
}

/** How elements are kept between operations: as their dtype keeps them, or floats in double precision throughout. */
export type Rounding = "float32" | "none";

/** What a number becomes when a tensor of that dtype keeps it. */
export function keep(value: number, dtype: DType, rounding: Rounding): number {
  return rounding === "none" && dtype === "float32" ? value : keepNumber(value, dtype);
}

/** A value whose element at each position is `f(index, position in row-major order)`. */
export function tabulate(
  dtype: DType,
  shape: readonly number[],
  f: (index: readonly number[], position: number) => number,
): Value {
  const data = new Float64Array(sizeOf(shape));
  forEachIndex(shape, (index, position) => {
    data[position] = f(index, position);
  });
  return { dtype, shape, data };
}

/** Visits every index of a shape in row-major order; the index array is reused between visits. */
export function forEachIndex(shape: readonly number[], visit: (index: number[], position: number) => void): void {
  const size = sizeOf(shape);
  const index = new Array<number>(shape.length).fill(0);
  for (let position = 0; position < size; position++) {
    visit(index, position);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      index[axis] = 0;
    }
  }
}

/** The element at an index. */
export function at(value: Value, index: readonly number[]): number {
  return value.data[positionOf(value.shape, index)] as number;
}

/** The element that broadcasting puts at an index of a result: aligned at the last axis, axes of size 1 repeat. */
export function atBroadcast(value: Value, index: readonly number[]): number {
  const own = value.shape.map((size, axis) =>
    size === 1 ? 0 : (index[axis + index.length - value.shape.length] as number),
  );
  return at(value, own);
}

/** The row-major position of an index. @throws RangeError when the index lies outside the shape. */
export function positionOf(shape: readonly number[], index: readonly number[]): number {
  return shape.reduce((position, size, axis) => {
    const i = index[axis] as number;
    if (!(i >= 0 && i < size)) throw new RangeError(`index [${index}] lies outside a tensor of shape [${shape}]`);
    return position * size + i;
  }, 0);
}

/** A host tensor as a value. */
export function toValue({ dtype, shape, data }: HostTensor): Value {
  if (dtype !== "bfloat16") return { dtype, shape, data: Float64Array.from(data) };
  const widened = new Float32Array(data.length);
  widenBfloat16(data as Uint16Array, widened);
  return { dtype, shape, data: Float64Array.from(widened) };
}

/** A value as a host tensor: floats are rounded to the nearest float32. */
export function toHostTensor({ dtype, shape, data }: Value): HostTensor {
  if (dtype === "bfloat16") return hostTensor(dtype, shape, narrowToBfloat16(Float32Array.from(data)));
  const kept = newData(dtype, data.length);
  kept.set(data);
  return hostTensor(dtype, shape, kept);
}
