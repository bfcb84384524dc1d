import { Random } from "./random.ts";
import type { Key } from "./threefry.ts";

/** Numbers 0 to length - 1 in the random order of a key (Fisher-Yates). Four bytes a sample. */
export function permutation(length: number, key: Key): Uint32Array {
  const order = new Uint32Array(length);
  const random = new Random(key);
  for (let i = 0; i < length; i++) {
    const j = random.integer(i + 1);
    order[i] = order[j]!;
    order[j] = i;
  }
  return order;
}
