const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). */
export function threefry2x32(
  [key0, key1]: readonly [number, number],
  [counter0, counter1]: readonly [number, number],
): [number, number] {
  const keys = [key0, key1, 0x1bd11bda ^ key0 ^ key1] as const;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let round = 0; round < 20; round++) {
    const rotation = rotations[round % 8] as number;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0;
    if (round % 4 === 3) {
      // After every fourth round the next pair of keys is injected.
      const injection = (round + 1) / 4;
      x0 = (x0 + (keys[injection % 3] as number)) | 0;
      x1 = (x1 + (keys[(injection + 1) % 3] as number) + injection) | 0;
    }
  }
  return [x0, x1];
}

/** The bits of element `position` of a tensor: both words of the block (0, position), combined by exclusive or. */
export function randomBitsAt(key: readonly [number, number], position: number): number {
  const [x0, x1] = threefry2x32(key, [Math.floor(position / 2 ** 32), position | 0]);
  return x0 ^ x1;
}
