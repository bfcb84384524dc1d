const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/**
 * `count` random 32-bit words of Threefry-2x32 with 20 rounds under a 64-bit key (Salmon et al. 2011). Words 2i and
 * 2i + 1 are the block of counter i.
 */
export function threefryBits(key0: number, key1: number, count: number): Uint32Array {
  const schedule = [key0 >>> 0, key1 >>> 0, (key0 ^ key1 ^ 0x1bd11bda) >>> 0];
  const bits = new Uint32Array(count + (count % 2));
  for (let block = 0; block < bits.length; block += 2) {
    let x = (block / 2 + schedule[0]!) | 0;
    let y = schedule[1]! | 0;
    for (let group = 0; group < 5; group++) {
      for (const rotation of rotations[group % 2]!) {
        x = (x + y) | 0;
        y = ((y << rotation) | (y >>> (32 - rotation))) ^ x;
      }
      x = (x + schedule[(group + 1) % 3]!) | 0;
      y = (y + schedule[(group + 2) % 3]! + group + 1) | 0;
    }
    bits[block] = x;
    bits[block + 1] = y;
  }
  return bits.subarray(0, count);
}
