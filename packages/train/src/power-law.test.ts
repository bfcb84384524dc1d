import { describe, expect, it } from "vitest";
import { fitPowerLaw, predictError } from "./power-law.ts";

/** The constants that the paper is remembered to print for fine-tuning. */
const law = { a: 0.26, b: 0.35, c: 0.09, d: 0.01 };
const computes = [0.003, 0.01, 0.05, 0.2, 1, 5, 20, 100, 1000, 10_000];
const exact = computes.map((compute) => ({ compute, error: predictError(law, compute) }));

describe("the saturating power law", () => {
  it("is found again from its own values", () => {
    const { a, b, c, d, residual } = fitPowerLaw(exact);
    expect(a).toBeCloseTo(law.a, 3);
    expect(b).toBeCloseTo(law.b, 3);
    expect(c).toBeCloseTo(law.c, 4);
    expect(d).toBeCloseTo(law.d, 4);
    expect(residual).toBeLessThan(1e-6);
  });

  it("is found from values with 1 % of noise, and predicts the largest scale better than a pure power law", () => {
    const noisy = exact.map(({ compute, error }, i) => ({ compute, error: error * (1 + 0.01 * Math.sin(7 * i + 1)) }));
    const [last, ...rest] = noisy.reverse();
    const differenceOf = (fit: Parameters<typeof predictError>[0]) =>
      Math.abs(predictError(fit, last!.compute) / last!.error - 1);
    expect(differenceOf(fitPowerLaw(rest))).toBeLessThan(0.1);
    expect(differenceOf(fitPowerLaw(rest, { isPure: true }))).toBeGreaterThan(0.3);
    expect(fitPowerLaw(rest).residual).toBeLessThan(fitPowerLaw(rest, { isPure: true }).residual / 20);
  });

  it("is a pure one where the data are", () => {
    const pure = computes.map((compute) => ({ compute, error: 0.3 * compute ** -0.2 }));
    const { a, b, residual } = fitPowerLaw(pure, { isPure: true });
    expect([a, b]).toEqual([expect.closeTo(0.3, 10), expect.closeTo(0.2, 10)]);
    expect(residual).toBeLessThan(1e-20);
    expect(fitPowerLaw(pure).c).toBeLessThan(0.01);
  });

  it("asks for enough points", () => {
    expect(() => fitPowerLaw(exact.slice(0, 4))).toThrow(
      "a power law is fitted to 5 points or more, of positive compute",
    );
  });
});
