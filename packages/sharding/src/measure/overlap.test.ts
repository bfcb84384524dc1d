import { expect, it } from "vitest";
import { simulatedRanks } from "../transports/simulated.ts";
import { overlapEfficiency, overlapParts } from "./overlap.ts";
import { timeMachine } from "./time-machine.ts";
import { timeOverlap } from "./time-overlap.ts";

it("efficiency is what was hidden over what could be: a rank's own block computes before any other has come", () => {
  const of = (measured: number) => overlapEfficiency({ compute: 91, transfer: 58, measured }, 2);
  // Half of 91 ms can hide transfers on two ranks; all hidden is 149 − 45.5.
  expect(of(103.5)).toBeCloseTo(1, 9);
  expect(of(149)).toBe(0);
  // What takes less than the products beside it can be hidden whole.
  expect(overlapEfficiency({ compute: 100, transfer: 20, measured: 100 }, 4)).toBe(1);
});

it("times every part of a layer, with the slowest rank's time on every rank", async () => {
  const layer = { ranks: 3, rows: 2, inputs: 6, outputs: 12, link: { latencyMs: 4 } } as const;
  for (const layout of ["gather", "reduce"] as const) {
    const [first, ...others] = await Promise.all(
      simulatedRanks(3).map((transport) => timeOverlap(transport, { ...layer, layout }, 2)),
    );
    expect(others).toEqual([first, first]);
    expect(Object.keys(first!)).toEqual([...overlapParts]);
    for (const part of overlapParts) expect(first![part]).toHaveLength(2);
    // Two hops of 4 ms; a timer cuts fractions of its milliseconds and may be one early.
    for (const part of ["transfer", "plain", "ring", "bidirectional"] as const) {
      for (const time of first![part]) expect(time).toBeGreaterThan(4);
    }
  }
});

it("times products, sums and messages of a layer's own sizes", async () => {
  const layer = { layout: "gather", ranks: 2, rows: 4, inputs: 16, outputs: 12 } as const;
  const [first, second] = await Promise.all(simulatedRanks(2).map((transport) => timeMachine(transport, layer, 1)));
  expect(second).toEqual(first);
  // [4, n]·[n, 6] for half a block, a block and both: n = 4, 8, 16. Sums read two of [4, 3] or [4, 6] and write one. Blocks of [4, 8].
  const sizes = (samples: readonly { readonly size: number }[]) => samples.map(({ size }) => size);
  expect(sizes(first!.products)).toEqual([192, 384, 768]);
  expect(sizes(first!.sums)).toEqual([144, 288]);
  expect(sizes(first!.messages)).toEqual([16, 64, 128]);
});
