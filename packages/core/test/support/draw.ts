/** Numbers in [0, 1) that depend on nothing but the seed and the order of calls. */
export function uniformStream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
