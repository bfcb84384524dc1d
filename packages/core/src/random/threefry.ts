/** Two 32-bit words, signed as in an Int32Array. */
export type Words = readonly [number, number];

const parity = 0x1bd11bda;
const rotations = Uint8Array.of(13, 15, 26, 6, 17, 29, 16, 24);

/**
 * Threefry-2x32 with 20 rounds: encrypts a counter of two words with a key of two words.
 *
 * Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011); the function of Random123 and of
 * JAX. Every output depends on nothing but key and counter, so any part of a stream can be computed anywhere.
 */
export function threefry2x32([key0, key1]: Words, [counter0, counter1]: Words): [number, number] {
  const keys = Int32Array.of(key0, key1, parity ^ key0 ^ key1);
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let group = 1; group <= 5; group++) {
    const first = group % 2 === 1 ? 0 : 4;
    for (let i = first; i < first + 4; i++) {
      const rotation = rotations[i] as number;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0;
    }
    // After every fourth round, the next pair of key words and the number of the group enter.
    x0 = (x0 + (keys[group % 3] as number)) | 0;
    x1 = (x1 + (keys[(group + 1) % 3] as number) + group) | 0;
  }
  return [x0, x1];
}

/**
 * The first `count` random words of a key.
 *
 * Word i is x₀ ⊕ x₁ of the block with counter (⌊i / 2³²⌋, i mod 2³²). It does not depend on `count`, so a longer tensor
 * begins with the words of a shorter one, and each element can be computed alone. JAX's `random.bits` (with
 * `jax_threefry_partitionable`, its default since 0.5) gives the same words.
 */
export function threefryBits(key0: number, key1: number, count: number): Int32Array {
  const bits = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const [x0, x1] = threefry2x32([key0, key1], [Math.floor(i / 2 ** 32), i | 0]);
    bits[i] = x0 ^ x1;
  }
  return bits;
}
