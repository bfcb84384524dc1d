import { expect, it } from "vitest";
import { halves, putRows } from "./halves.ts";

it("deals rows of every kind evenly, the same for a seed", () => {
  const strata = Int32Array.from({ length: 31 }, (_, row) => (row < 2 ? 7 : row % 3));
  const [first, second] = halves(31, 4, strata);
  expect([...first, ...second].sort((a, b) => a - b)).toEqual([...strata.keys()]);
  for (const stratum of new Set(strata)) {
    const count = (rows: Uint32Array) => rows.filter((row) => strata[row] === stratum).length;
    expect(Math.abs(count(first) - count(second))).toBeLessThanOrEqual(1);
  }
  expect(halves(31, 4, strata)).toEqual([first, second]);
  expect(halves(31, 5)[0]).not.toEqual(halves(31, 6)[0]);
  expect(halves(2)[0]).toHaveLength(1);
});

it("puts rows back", () => {
  const target = new Float64Array(6);
  putRows(target, Uint32Array.of(0, 2), [1, 2, 3, 4], 2);
  putRows(target, Uint32Array.of(1), [5, 6], 2);
  expect([...target]).toEqual([1, 2, 5, 6, 3, 4]);
});
