import type { Distribution } from "./distributions.ts";
import { inverseNormal } from "./inverse-normal.ts";
import { threefryBits } from "./threefry.ts";

/** A 64-bit key of the counter-based generator. */
export type Key = readonly [number, number];

/**
 * The key of a parameter: the seed, mixed with a hash of the parameter's path. A parameter's values therefore depend
 * on its own name and the seed only, and adding a parameter to a model changes no other.
 *
 * @throws RangeError when the seed is not a non-negative safe integer.
 */
export function parameterKey(seed: number, path: string): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed is ${seed}; it must be an integer from 0 to 2^53 − 1`);
  }
  const hash = fnv1a64(path);
  const [key0, key1] = threefryBits(seed >>> 0, Math.floor(seed / 2 ** 32), 2);
  return [(key0! ^ Number(hash & 0xffff_ffffn)) >>> 0, (key1! ^ Number(hash >> 32n)) >>> 0];
}

/** `count` float32 values of a distribution under a key. */
export function draw(distribution: Distribution, count: number, [key0, key1]: Key): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  switch (distribution.kind) {
    case "constant":
      return values.fill(distribution.value);
    case "uniform": {
      const bits = threefryBits(key0, key1, count);
      for (let i = 0; i < count; i++) values[i] = distribution.limit * (2 * unit(bits[i]!) - 1);
      return values;
    }
    case "normal": {
      const bits = threefryBits(key0, key1, count + (count % 2));
      for (let i = 0; i < count; i += 2) {
        // Box–Muller: a pair of uniforms gives a pair of normals.
        const radius = distribution.deviation * Math.sqrt(-2 * Math.log(unit(bits[i]!)));
        const angle = 2 * Math.PI * unit(bits[i + 1]!);
        values[i] = radius * Math.cos(angle);
        if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
      }
      return values;
    }
    case "truncated-normal": {
      const scale = distribution.deviation / truncatedDeviation;
      const bits = threefryBits(key0, key1, count);
      const mass = 0.9544997361036416; // P(|z| < 2)
      for (let i = 0; i < count; i++) values[i] = scale * inverseNormal(0.5 + mass * (unit(bits[i]!) - 0.5));
      return values;
    }
    default:
      return distribution satisfies never;
  }
}

/** Standard deviation of a standard normal that is cut at ±2. */
const truncatedDeviation = 0.8796256610342398;

/** The middle of one of 2²⁴ equal intervals of (0, 1): never 0, so its logarithm is finite. */
function unit(bits: number): number {
  return ((bits >>> 8) + 0.5) * 2 ** -24;
}

/** 64-bit FNV-1a of the UTF-8 bytes of a text. */
function fnv1a64(text: string): bigint {
  let hash = 0xcbf2_9ce4_8422_2325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = ((hash ^ BigInt(byte)) * 0x100_0000_01b3n) & 0xffff_ffff_ffff_ffffn;
  }
  return hash;
}
