import { expect, it } from "vitest";
import type { LinearLayout } from "../linear/choose.ts";
import type { MachineSamples } from "../model/calibrate.ts";
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

it("times products, sums, messages and collectives of a layer's own sizes", async () => {
  const time = async (layout: LinearLayout, ranks: number) => {
    const layer = { layout, ranks, rows: 4, inputs: 48, outputs: 24 } as const;
    const [first, ...others] = await Promise.all(
      simulatedRanks(ranks).map((transport) => timeMachine(transport, layer, 1)),
    );
    for (const other of others) expect(other).toEqual(first);
    return first as MachineSamples;
  };
  const sizes = (samples: readonly { readonly size: number }[] = []) => samples.map(({ size }) => size);
  const [gather, reduce] = [await time("gather", 3), await time("reduce", 2)];
  // Of three: [4, n]·[n, 8] for half a block, a block and all: n = 8, 16, 48. Sums read two of [4, 4] or [4, 8] and write one. Blocks of [4, 16].
  expect(sizes(gather.products)).toEqual([512, 1024, 3072]);
  expect(sizes(gather.sums)).toEqual([192, 384]);
  expect(sizes(gather.messages)).toEqual([32, 128, 256]);
  expect(sizes(gather.bothWays)).toEqual([128]);
  expect([sizes(gather.gathers), sizes(gather.reductions)]).toEqual([[768], []]);
  // Of two: [4, 24]·[24, m], m = 6, 12, 24; what is reduced is [4, 24].
  expect(sizes(reduce.products)).toEqual([1152, 2304, 4608]);
  expect(sizes(reduce.messages)).toEqual([24, 96, 192]);
  expect([sizes(reduce.bothWays), sizes(reduce.gathers), sizes(reduce.reductions)]).toEqual([[], [], [384]]);
  for (const { size, seconds } of [...(gather.disturbances ?? []), ...(reduce.disturbances ?? [])]) {
    expect([128, 256, 96, 192]).toContain(size);
    expect(seconds).toBeGreaterThanOrEqual(0);
  }
});
