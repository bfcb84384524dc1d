/*
 * The two 16-bit float formats, as bits. float16 (IEEE 754 binary16): 5 exponent and 10 fraction bits. bfloat16: the
 * upper half of a float32. Rounding is to nearest, ties to even; NaN stays NaN.
 */

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

let float16Table: Float32Array | undefined;

/** Widens float16 bits into `target`, exactly. */
export function widenFloat16(bits: Uint16Array, target: Float32Array): void {
  float16Table ??= Float32Array.from({ length: 65536 }, (_, i) => float16Value(i));
  for (let i = 0; i < bits.length; i++) target[i] = float16Table[bits[i] as number] as number;
}

/** Widens bfloat16 bits into `target`, exactly. */
export function widenBfloat16(bits: Uint16Array, target: Float32Array): void {
  const words = new Uint32Array(target.buffer, target.byteOffset, target.length);
  for (let i = 0; i < bits.length; i++) words[i] = (bits[i] as number) << 16;
}

function float16Bits(value: number): number {
  scratch[0] = value;
  const word = scratchBits[0] as number;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // From 65520 on, halfway beyond the largest finite value, everything rounds to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    const rebased = magnitude - 0x38000000;
    return sign | ((rebased + 0xfff + ((rebased >> 13) & 1)) >> 13);
  }
  // Subnormal: a multiple of 2⁻²⁴. Adding 2⁻¹ makes float32 round at that bit, to even.
  scratch[0] = Math.fround(Math.abs(value) + 0.5);
  return sign | ((scratchBits[0] as number) - 0x3f000000);
}

/** Rounds float32 values to float16 bits. */
export function narrowToFloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, float16Bits);
}

function upperHalf(word: number): number {
  if ((word & 0x7fffffff) > 0x7f800000) return (word >>> 16) | 0x40;
  return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
}

/** Rounds float32 values to bfloat16 bits. */
export function narrowToBfloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(new Uint32Array(values.buffer, values.byteOffset, values.length), upperHalf);
}

/** The bfloat16 nearest to a number that is rounded to float32 first, as a number. */
export function roundToBfloat16(value: number): number {
  scratch[0] = value;
  scratchBits[0] = upperHalf(scratchBits[0] as number) << 16;
  return scratch[0] as number;
}
