import type { DataOf, DType } from "../host-tensor.ts";
import { widenBfloat16, widenFloat16 } from "./half.ts";

/** How files store one element. */
export type ElementFormat =
  | "bool"
  | "uint8"
  | "int8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "float16"
  | "bfloat16"
  | "float32"
  | "float64";

interface FormatTraits {
  readonly bytes: 1 | 2 | 4 | 8;
  /** The dtype of a host tensor of it. */
  readonly dtype: DType;
  /** Whether host tensors hold the very bytes of the file. */
  readonly isDirect: boolean;
}

const direct = (dtype: DType, bytes: FormatTraits["bytes"]): FormatTraits => ({ bytes, dtype, isDirect: true });
const converted = (dtype: DType, bytes: FormatTraits["bytes"]): FormatTraits => ({ bytes, dtype, isDirect: false });

/** What becomes of each format. */
export const elementFormats: { readonly [format in ElementFormat]: FormatTraits } = {
  bool: direct("bool", 1),
  uint8: direct("uint8", 1),
  int8: converted("int32", 1),
  int16: converted("int32", 2),
  uint16: converted("int32", 2),
  int32: direct("int32", 4),
  uint32: converted("int32", 4),
  int64: converted("int32", 8),
  uint64: converted("int32", 8),
  float16: converted("float32", 2),
  bfloat16: direct("bfloat16", 2),
  float32: direct("float32", 4),
  float64: converted("float32", 8),
};

/** Thrown for what host tensors cannot hold; the reader adds file and tensor. */
export class UnrepresentableError extends RangeError {
  override readonly name = "UnrepresentableError";
}

function refuse(value: number | bigint): never {
  throw new UnrepresentableError(`holds the integer ${value}, which int32 cannot represent`);
}

/** 64-bit integers whose upper words say nothing that the lower ones do not. */
function narrow64(bytes: Uint8Array, target: Int32Array, isSigned: boolean): void {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  for (let i = 0; i < target.length; i++) {
    const [low, high] = [words[2 * i] as number, words[2 * i + 1] as number];
    const fits = isSigned ? high === low >> 31 : high === 0 && low >= 0;
    if (!fits) {
      const exact = isSigned
        ? new BigInt64Array(bytes.buffer, bytes.byteOffset)
        : new BigUint64Array(bytes.buffer, bytes.byteOffset);
      refuse(exact[i] as bigint);
    }
    target[i] = low;
  }
}

/**
 * Converts little-endian elements to those of a host tensor, as many as `target` has room for.
 *
 * 16-bit floats widen exactly, float64 rounds to nearest, small integers widen, large numbers of either kind must fit. `bytes` begins at a multiple of 8 in its buffer.
 *
 * @throws UnrepresentableError for an integer that int32 cannot represent, or a float64 beyond float32.
 */
export function convertElements(format: ElementFormat, bytes: Uint8Array, target: DataOf): void {
  const { buffer, byteOffset } = bytes;
  const count = target.length;
  switch (format) {
    case "bool":
    case "uint8":
    case "int32":
    case "float32":
      new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(bytes);
      return;
    case "int8":
      target.set(new Int8Array(buffer, byteOffset, count));
      return;
    case "int16":
      target.set(new Int16Array(buffer, byteOffset, count));
      return;
    case "uint16":
      target.set(new Uint16Array(buffer, byteOffset, count));
      return;
    case "uint32": {
      const words = new Int32Array(buffer, byteOffset, count);
      const tooLarge = words.find((word) => word < 0);
      if (tooLarge !== undefined) refuse(tooLarge >>> 0);
      target.set(words);
      return;
    }
    case "int64":
      narrow64(bytes, target as Int32Array, true);
      return;
    case "uint64":
      narrow64(bytes, target as Int32Array, false);
      return;
    case "float16":
      widenFloat16(new Uint16Array(buffer, byteOffset, count), target as Float32Array);
      return;
    case "bfloat16":
      widenBfloat16(new Uint16Array(buffer, byteOffset, count), target as Float32Array);
      return;
    case "float64": {
      const doubles = new Float64Array(buffer, byteOffset, count);
      target.set(doubles);
      const at = target.findIndex((value, i) => Math.abs(value) === Infinity && Number.isFinite(doubles[i]));
      if (at >= 0) throw new UnrepresentableError(`holds the number ${doubles[at]}, which float32 cannot represent`);
      return;
    }
    default:
      format satisfies never;
  }
}

/** Reverses the bytes of every element in place. */
export function swapBytes(bytes: Uint8Array, bytesPerElement: FormatTraits["bytes"]): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytesPerElement === 2) buffer.swap16();
  if (bytesPerElement === 4) buffer.swap32();
  if (bytesPerElement === 8) buffer.swap64();
}
