import { threefry2x32 } from "../../random/threefry.ts";

/** The bits of element `position` of a tensor of random bits: both words of the block (0, position), by exclusive or. */
export function randomBitsAt(key: readonly [number, number], position: number): number {
  const [x0, x1] = threefry2x32(key, [Math.floor(position / 2 ** 32), position | 0]);
  return x0 ^ x1;
}
