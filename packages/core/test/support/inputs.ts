import { type DType, type HostTensor, hostTensor, newData, sizeOf } from "../../src/host-tensor.ts";
import { uniformStream } from "./draw.ts";

/** Floats at which functions have edges: zeros of both signs, halves, tiny, huge, infinite, not a number. */
export const edges: readonly number[] = [
  0, -0, 0.5, -0.5, 1, -1, 1.5, -1.5, 2, -2, 2.5, -2.5, 3, -3, 7.25, -20, 30, -90, 100, 1e-8, -1e-8, 1e-4, 1e10, -1e10,
  Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN,
]; // biome-ignore format: a table

/** Whole numbers of both signs, small and large. */
export const integers: readonly number[] = [0, 1, -1, 2, -2, 3, -3, 5, -7, 8, 30, -31, 255, -256, 1000, -65537, 46340];

/** Description of one argument: its type, and where its values come from. */
export interface Input {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The values, drawn in a shuffled order and repeated as needed; or uniform between two bounds. */
  readonly values: readonly number[] | { readonly low: number; readonly high: number };
}

export const floats = (...shape: number[]): Input => ({ dtype: "float32", shape, values: { low: -2, high: 2 } });
export const positive = (...shape: number[]): Input => ({ dtype: "float32", shape, values: { low: 0.3, high: 2 } });
export const edgy = (...shape: number[]): Input => ({ dtype: "float32", shape, values: edges });
export const ints = (...shape: number[]): Input => ({ dtype: "int32", shape, values: integers });
export const bools = (...shape: number[]): Input => ({ dtype: "bool", shape, values: [0, 1] });
export const bytes = (...shape: number[]): Input => ({ dtype: "uint8", shape, values: [0, 1, 7, 128, 200, 255] });
/** Whole numbers whose products stay small. */
export const small = (...shape: number[]): Input => ({ dtype: "int32", shape, values: [0, 1, 2, 3, 4, 5] });
/** Indices below a bound. */
export const indices = (below: number, ...shape: number[]): Input => ({
  dtype: "int32",
  shape,
  values: Array.from({ length: below }, (_, i) => i),
});
/** Exactly these values. */
export const given = (dtype: DType, shape: readonly number[], values: readonly number[]): Input => ({
  dtype,
  shape,
  values: values.length === sizeOf(shape) ? Object.assign([...values], { isExact: true }) : values,
});

/** Makes the arguments, the same at every call with the same seed. */
export function draw(inputs: readonly Input[], seed = 1): HostTensor[] {
  const next = uniformStream(seed);
  return inputs.map(({ dtype, shape, values }) => {
    const data = newData(dtype, sizeOf(shape));
    if ("low" in values) {
      for (let i = 0; i < data.length; i++) data[i] = values.low + (values.high - values.low) * next();
    } else if ("isExact" in values) data.set(values);
    else {
      const pool: number[] = [];
      for (let i = 0; i < data.length; i++) {
        if (pool.length === 0) pool.push(...values);
        data[i] = pool.splice(Math.floor(next() * pool.length), 1)[0] as number;
      }
    }
    return hostTensor(dtype, [...shape], data);
  });
}
