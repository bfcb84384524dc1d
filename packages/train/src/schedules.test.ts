import { describe, expect, it } from "vitest";
import { type Schedule, scheduleFactor } from "./schedules.ts";

/** Asserts base · factor at each step, to a relative error that the printed digits allow. */
function expectRates(
  schedule: Schedule,
  total: number,
  base: number,
  rates: Record<number, number>,
  error = 5e-5,
): void {
  for (const [step, rate] of Object.entries(rates)) {
    const actual = base * scheduleFactor(schedule, total, Number(step));
    expect(Math.abs(actual - rate), `step ${step}: ${actual} for ${rate}`).toBeLessThanOrEqual(error * rate);
  }
}

describe("the rsqrt schedule", () => {
  it("has the rates of the ViT-G configuration (8e-4, warm-up 10k, timescale 10k, 1M steps, cool-down 50k)", () => {
    const schedule = { kind: "rsqrt", timescale: 10_000, warmupSteps: 10_000, cooldownSteps: 50_000 } as const;
    const rates = { 0: 0, 5e3: 4e-4, 1e4: 8e-4, 2e4: 5.6569e-4, 11e4: 2.4121e-4, 95e4: 8.2078e-5, 975e3: 4.051e-5 };
    expectRates(schedule, 1_000_000, 8e-4, rates);
    expect(scheduleFactor(schedule, 1_000_000, 1_000_000)).toBe(0);
  });

  it("has the rates of ViT-22B (1e-3, 177k steps, cool-down 30k) at timescale 10k", () => {
    const schedule = { kind: "rsqrt", timescale: 10_000, warmupSteps: 10_000, cooldownSteps: 30_000 } as const;
    const rates = { 1e4: 1e-3, 2e4: 7.0711e-4, 77e3: 3.6038e-4, 147e3: 2.6082e-4, 162e3: 1.2423e-4, 177e3: 0 };
    expectRates(schedule, 177_000, 1e-3, rates);
  });

  it("has big_vision's factors", () => {
    const schedule = { kind: "rsqrt", timescale: 100, warmupSteps: 100, cooldownSteps: 200 } as const;
    const factors = { 50: 0.5, 100: 1, 200: Math.SQRT1_2, 800: 0.353553, 900: 0.166667, 1000: 0 };
    expectRates(schedule, 1000, 1, factors, 3e-6);
  });

  it("counts a shift from the end of warm-up, and applies it during warm-up too", () => {
    const schedule = { kind: "rsqrt", timescale: 100, shift: 300, warmupSteps: 10 } as const;
    // 1/√(1 + 300/100) = 1/2, halved again at half of the warm-up.
    expect(scheduleFactor(schedule, 1000, 5)).toBe(0.25);
    expect(scheduleFactor(schedule, 1000, 10)).toBe(0.5);
    expect(scheduleFactor(schedule, 1000, 510)).toBeCloseTo(1 / 3, 12);
  });
});

it("the cosine schedule has big_vision's factors", () => {
  const schedule = { kind: "cosine", warmupSteps: 10 } as const;
  expectRates(schedule, 100, 1, { 5: 0.5, 10: 1, 55: 0.5, 99: 0.000305 }, 2e-3);
  expect(scheduleFactor(schedule, 100, 100)).toBe(0);
});

it("the linear schedule falls from 1 at the end of warm-up to 0", () => {
  const schedule = { kind: "linear", warmupSteps: 20 } as const;
  expectRates(schedule, 120, 1, { 10: 0.5, 20: 1, 70: 0.5, 95: 0.25, 120: 0 });
});

it("the constant schedule warms up and cools down linearly", () => {
  const schedule = { kind: "constant", warmupSteps: 4, cooldownSteps: 10 } as const;
  expectRates(schedule, 100, 1, { 0: 0, 1: 0.25, 4: 1, 90: 1, 95: 0.5, 100: 0 });
  expect(scheduleFactor({ kind: "constant" }, 100, 0)).toBe(1);
});

it("refuses a warm-up and cool-down that do not fit", () => {
  expect(() => scheduleFactor({ kind: "cosine", warmupSteps: 80, cooldownSteps: 30 }, 100, 0)).toThrow(
    "80 warm-up and 30 cool-down steps do not fit into 100 steps; train longer or shorten one of them",
  );
});
