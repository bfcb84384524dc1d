import { expect, it } from "vitest";
import { overlapEfficiency } from "./overlap.ts";

it("efficiency is what was hidden over what could be: a rank's own block computes before any other has come", () => {
  const timing = (milliseconds: number) => ({ least: milliseconds, median: milliseconds });
  const [compute, transfer] = [timing(91), timing(58)];
  const of = (ring: number) =>
    overlapEfficiency({ compute, transfer, ring: timing(ring), plain: timing(153), bidirectional: timing(ring) }, 2);
  // Half of 91 ms can hide transfers on two ranks; all hidden is 149 − 45.5.
  expect(of(103.5)).toBeCloseTo(1, 9);
  expect(of(149)).toBe(0);
});
