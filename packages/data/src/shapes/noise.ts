/** A pseudo-random number in [0, 1) for a cell of the plane: one hash, for textures where no stream could follow. */
export function cellNoise(seed: number, x: number, y: number): number {
  let hash = seed ^ Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** Smooth noise in [-1, 1] with features of size 1: corners of cells interpolated. */
export function smoothNoise(seed: number, x: number, y: number): number {
  const cellX = Math.floor(x);
  const cellY = Math.floor(y);
  const tx = ease(x - cellX);
  const ty = ease(y - cellY);
  const top = cellNoise(seed, cellX, cellY) * (1 - tx) + cellNoise(seed, cellX + 1, cellY) * tx;
  const bottom = cellNoise(seed, cellX, cellY + 1) * (1 - tx) + cellNoise(seed, cellX + 1, cellY + 1) * tx;
  return 2 * (top * (1 - ty) + bottom * ty) - 1;
}

/** 0 to 1 with level ends. */
function ease(t: number): number {
  return t * t * (3 - 2 * t);
}
