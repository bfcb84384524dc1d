/**
 * Element types that a graph computes with. Two exist for storage alone: `uint8`, so that images travel as bytes, and `bfloat16`, so
 * that an optimizer's state takes 16 bits. They are read as int32 and float32; arithmetic is on the others.
 */
export type DType = "float32" | "int32" | "bool" | "uint8" | "bfloat16";

interface ArrayOf {
  float32: Float32Array;
  int32: Int32Array;
  bool: Uint8Array;
  uint8: Uint8Array;
  /** The upper halves of float32 words. */
  bfloat16: Uint16Array;
}

/** The typed array that holds elements of a dtype; a bool is one byte, 0 or 1. */
export type DataOf<D extends DType = DType> = ArrayOf[D];

/** A dense row-major tensor in host memory: what files hold, data pipelines yield, and engines read and write. */
export interface HostTensor<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  /** Exactly `sizeOf(shape)` elements, last axis fastest. */
  readonly data: DataOf<D>;
}

const constructors = {
  float32: Float32Array,
  int32: Int32Array,
  bool: Uint8Array,
  uint8: Uint8Array,
  bfloat16: Uint16Array,
} satisfies { [D in DType]: new (length: number) => DataOf<D> };

/** Bytes of one element. */
export function bytesPerElement(dtype: DType): number {
  return constructors[dtype].BYTES_PER_ELEMENT;
}

/** Number of elements of a shape; 1 for a scalar, 0 if any axis is empty. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, axis) => size * axis, 1);
}

/** A zero-filled array for `length` elements of a dtype. */
export function newData<D extends DType>(dtype: D, length: number): DataOf<D> {
  return new constructors[dtype](length) as DataOf<D>;
}

/**
 * A host tensor over given data, or of zeros. The array is not copied: whoever writes to it changes the tensor. A jitted function
 * takes the values that it has when it is called.
 *
 * @throws RangeError when an axis is none or the number of elements does not fit the shape, TypeError for an unknown dtype, or an
 *   array of another type.
 */
export function hostTensor<D extends DType>(dtype: D, shape: readonly number[], data?: DataOf<D>): HostTensor<D> {
  if (!Object.hasOwn(constructors, dtype)) {
    throw new TypeError(`a host tensor is ${Object.keys(constructors).join(", ")}, but dtype ${dtype} was given`);
  }
  if (!Array.isArray(shape)) throw new TypeError(`a shape is a list of axes, as [2, 3], but ${shape} was given`);
  if (shape.some((side) => !Number.isSafeInteger(side) || side < 0)) {
    throw new RangeError(`shape [${shape}] has an axis that is not a whole number, at least 0`);
  }
  const size = sizeOf(shape);
  const values = data ?? newData(dtype, size);
  if (!(values instanceof constructors[dtype])) {
    throw new TypeError(
      `a ${dtype} tensor holds a ${constructors[dtype].name}, but the data is a ${(values as object).constructor.name}`,
    );
  }
  if (values.length !== size) {
    throw new RangeError(`shape [${shape}] has ${size} elements, but the data has ${values.length}`);
  }
  return { dtype, shape, data: values };
}

/** Whether a value is a host tensor (a plain object with dtype, shape and a typed array). */
export function isHostTensor(value: unknown): value is HostTensor {
  if (typeof value !== "object" || value === null) return false;
  const { dtype, shape, data } = value as Partial<HostTensor>;
  return (
    typeof dtype === "string" && Object.hasOwn(constructors, dtype) && Array.isArray(shape) && ArrayBuffer.isView(data)
  );
}
