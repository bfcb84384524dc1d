import fc from "fast-check";
import { expect, it } from "vitest";
import { Network } from "./min-cut.ts";

type Arc = readonly [from: number, to: number, capacity: number];

function sinkSide(size: number, arcs: readonly Arc[]): ReadonlySet<number> {
  const network = new Network();
  for (let i = 0; i < size; i++) network.node();
  for (const [from, to, capacity] of arcs) network.arc(from, to, capacity);
  return network.sinkSide(0, size - 1);
}

const cutOf = (arcs: readonly Arc[], side: ReadonlySet<number>) =>
  arcs.reduce((sum, [from, to, capacity]) => (!side.has(from) && side.has(to) ? sum + capacity : sum), 0);

it("finds the cut of a textbook network", () => {
  // Cormen et al., figure 26.6: the maximum flow is 23, the cut separates {s, v1, v2, v4} from {v3, t}.
  const arcs: Arc[] = [[0, 1, 16], [0, 2, 13], [1, 3, 12], [2, 1, 4], [2, 4, 14], [3, 2, 9], [3, 5, 20], [4, 3, 7], [4, 5, 4]]; // biome-ignore format: a table
  const side = sinkSide(6, arcs);
  expect([...side].sort()).toEqual([3, 5]);
  expect(cutOf(arcs, side)).toBe(23);
});

it("cuts next to the sink where cuts are equally small", () => {
  expect([...sinkSide(4, [[0, 1, 2], [1, 2, 2], [2, 3, 2]])]).toEqual([3]); // biome-ignore format: a table
});

it("cannot cut what is infinite", () => {
  expect(() => sinkSide(2, [[0, 1, Number.POSITIVE_INFINITY]])).toThrow("no finite cut");
});

it("is never worse than any other cut", () => {
  const arc = fc.tuple(fc.nat(6), fc.nat(6), fc.nat(20));
  fc.assert(
    fc.property(fc.array(arc, { maxLength: 20 }), (arcs) => {
      const found = cutOf(arcs, sinkSide(7, arcs));
      for (let subset = 0; subset < 2 ** 5; subset++) {
        const side = new Set([6, ...[1, 2, 3, 4, 5].filter((node) => subset & (1 << (node - 1)))]);
        expect(found).toBeLessThanOrEqual(cutOf(arcs, side));
      }
    }),
  );
});
