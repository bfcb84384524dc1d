/** Two 32-bit words, signed as in an Int32Array. */
export type Words = readonly [number, number];

const parity = 0x1bd11bda;

const rotate = (word: number, by: number) => (word << by) | (word >>> (32 - by));

/**
 * Threefry-2x32 with 20 rounds: encrypts the counter (counter0, counter1) with the key (key0, key1) into `out[0]`, `out[1]`.
 * After every fourth round the next pair of the three key words enters, with the number of the group. The rounds are
 * written out because a loop over them takes twice the time.
 */
function encrypt(key0: number, key1: number, counter0: number, counter1: number, out: Int32Array): void {
  const key2 = parity ^ key0 ^ key1;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 13) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 15) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 26) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 6) ^ x0;
  x0 = (x0 + key1) | 0;
  x1 = (x1 + key2 + 1) | 0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 17) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 29) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 16) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 24) ^ x0;
  x0 = (x0 + key2) | 0;
  x1 = (x1 + key0 + 2) | 0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 13) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 15) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 26) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 6) ^ x0;
  x0 = (x0 + key0) | 0;
  x1 = (x1 + key1 + 3) | 0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 17) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 29) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 16) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 24) ^ x0;
  x0 = (x0 + key1) | 0;
  x1 = (x1 + key2 + 4) | 0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 13) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 15) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 26) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 6) ^ x0;
  x0 = (x0 + key2) | 0;
  x1 = (x1 + key0 + 5) | 0;
  out[0] = x0;
  out[1] = x1;
}

/**
 * One block of random words: the counter encrypted with the key.
 *
 * Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011); the function of Random123 and of
 * JAX. Every output depends on nothing but key and counter, so any part of a stream can be computed anywhere.
 */
export function threefry2x32([key0, key1]: Words, [counter0, counter1]: Words): [number, number] {
  const out = new Int32Array(2);
  encrypt(key0 | 0, key1 | 0, counter0, counter1, out);
  return [out[0] as number, out[1] as number];
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
  const block = new Int32Array(2);
  for (let i = 0; i < count; i++) {
    encrypt(key0 | 0, key1 | 0, Math.floor(i / 2 ** 32), i | 0, block);
    bits[i] = (block[0] as number) ^ (block[1] as number);
  }
  return bits;
}
