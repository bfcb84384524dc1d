import { expect, it } from "vitest";
import { bytes, digits, gain, overSeeds, spread } from "./format.ts";

it("writes numbers with so many significant digits", () => {
  expect([0, 2.37e-39, 0.00123456, 0.5, 9.999, 812.34, 19_500, 1.1e6].map((value) => digits(value))).toEqual([
    ...["0.00", "2.37e-39", "0.00123", "0.500", "10.00", "812", "19500", "1.10e+6"],
  ]);
  expect(digits(-2.5)).toBe("-2.50");
  expect([Number.NaN, Number.POSITIVE_INFINITY].map((value) => digits(value))).toEqual(["n/a", "infinite"]);
});

it("writes spreads", () => {
  expect(spread([3, 1, 2], "ms")).toBe("2.00 ms (1.50 … 2.50)");
  expect(gain([0.98, 1.1, 1.2])).toBe("+10.0 % (+4.0 … +15.0 %)");
  expect(overSeeds([1, 2, 3])).toBe("2.000 ± 1.0");
  expect([bytes(1.434e9), bytes(958e6)]).toEqual(["1.43 GB", "958 MB"]);
});
