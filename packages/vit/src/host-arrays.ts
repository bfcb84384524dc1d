import { type HostTensor, hostTensor, sizeOf } from "@vitscale/core";

type Float = HostTensor<"float32">;

/** Tensors joined along an axis; the other axes agree. */
export function concatenate(parts: readonly Float[], axis: number): Float {
  const first = parts[0]!;
  const length = parts.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  const joined = hostTensor("float32", first.shape.with(axis, length));
  const outer = sizeOf(first.shape.slice(0, axis));
  const inner = sizeOf(first.shape.slice(axis + 1));
  let start = 0;
  for (const { shape, data } of parts) {
    const run = shape[axis]! * inner;
    for (let row = 0; row < outer; row++) {
      joined.data.set(data.subarray(row * run, (row + 1) * run), row * length * inner + start);
    }
    start += run;
  }
  return joined;
}

/** Elements `from` to `to` of an axis; the inverse of {@link concatenate}. */
export function slice({ shape, data }: Float, axis: number, from: number, to: number): Float {
  const part = hostTensor("float32", shape.with(axis, to - from));
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const run = (to - from) * inner;
  for (let row = 0; row < outer; row++) {
    const start = (row * shape[axis]! + from) * inner;
    part.data.set(data.subarray(start, start + run), row * run);
  }
  return part;
}

/** The elementwise sum of tensors of one shape. */
export function sumOf(parts: readonly Float[]): Float {
  const total = hostTensor("float32", parts[0]!.shape);
  for (const { data } of parts) for (let i = 0; i < data.length; i++) total.data[i]! += data[i]!;
  return total;
}

/** A tensor with its axes in another order: axis i of the result is axis `order[i]` of the input. */
export function permute({ shape, data }: Float, order: readonly number[]): Float {
  const permuted = hostTensor(
    "float32",
    order.map((axis) => shape[axis]!),
  );
  const strides = order.map((axis) => sizeOf(shape.slice(axis + 1)));
  const index = order.map(() => 0);
  let source = 0;
  for (let i = 0; i < data.length; i++) {
    permuted.data[i] = data[source]!;
    // Counts `index` up by one, last axis fastest, and moves `source` along.
    for (let axis = order.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      if (++index[axis]! < permuted.shape[axis]!) break;
      source -= index[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return permuted;
}
