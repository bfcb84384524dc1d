import { random } from "@vitscale/core";
import type { Distribution } from "./distributions.ts";
import { inverseNormal } from "./inverse-normal.ts";

/** A key of the counter-based generator, two 32-bit words. */
export type Key = readonly [number, number];

/**
 * The key of a parameter: the seed's, changed by the parameter's path. A parameter's values therefore depend on its own
 * name and the seed only, and adding a parameter to a model changes no other.
 *
 * The path's bytes, eight at a time, are encrypted each under the outcome of the last.
 *
 * @throws RangeError when the seed is not a non-negative safe integer.
 */
export function parameterKey(seed: number, path: string): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed is ${seed}; it must be an integer from 0 to 2^53 − 1`);
  }
  const bytes = new TextEncoder().encode(path.padEnd(Math.ceil(path.length / 8) * 8, "\0"));
  const words = new Int32Array(bytes.buffer, 0, bytes.length / 4);
  let key: Key = [Math.floor(seed / 2 ** 32), seed | 0];
  for (let i = 0; i < words.length; i += 2) key = random.threefry2x32(key, [words[i]!, words[i + 1]!]);
  return key;
}

/** `count` float32 values of a distribution under a key. */
export function draw(distribution: Distribution, count: number, key: Key): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  switch (distribution.kind) {
    case "constant":
      return values.fill(distribution.value);
    case "uniform": {
      const bits = words(key, count);
      for (let i = 0; i < count; i++) values[i] = distribution.limit * (2 * unit(bits[i]!) - 1);
      return values;
    }
    case "normal": {
      const bits = words(key, count + (count % 2));
      // Box–Muller: a pair of uniform numbers gives a pair of normal ones. A last one too many falls off the array.
      for (let i = 0; i < count; i += 2) {
        const radius = distribution.deviation * Math.sqrt(-2 * Math.log(unit(bits[i]!)));
        const angle = 2 * Math.PI * unit(bits[i + 1]!);
        values[i] = radius * Math.cos(angle);
        values[i + 1] = radius * Math.sin(angle);
      }
      return values;
    }
    case "truncated-normal": {
      const bits = words(key, count);
      const scale = distribution.deviation / truncatedDeviation;
      for (let i = 0; i < count; i++) values[i] = scale * inverseNormal(0.5 + massWithinTwo * (unit(bits[i]!) - 0.5));
      return values;
    }
    default:
      return distribution satisfies never;
  }
}

/** Random words of a key, both of each block. */
function words(key: Key, count: number): Int32Array {
  const bits = new Int32Array(count);
  for (let i = 0; i < count; i += 2) {
    const [first, second] = random.threefry2x32(key, [0, i / 2]);
    bits[i] = first;
    bits[i + 1] = second;
  }
  return bits;
}

/** Share of a standard normal that lies within ±2. */
const massWithinTwo = 0.9544997361036416;

/** Standard deviation of a standard normal that is cut at ±2. */
const truncatedDeviation = 0.8796256610342398;

/** The middle of one of 2²⁴ equal intervals of (0, 1): never 0, so its logarithm is finite. */
function unit(bits: number): number {
  return ((bits >>> 8) + 0.5) * 2 ** -24;
}
