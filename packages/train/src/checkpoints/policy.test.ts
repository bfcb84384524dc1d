import { describe, expect, it } from "vitest";
import { bestOf, stepsToDelete } from "./policy.ts";

describe("which checkpoints go", () => {
  const steps = [10, 20, 30, 40, 50, 60];

  it.each([
    [{ keep: 2 }, [], [10, 20, 30, 40]],
    [{ keep: 2, keepEverySteps: 30 }, [], [10, 20, 40]],
    [{ keep: 2, keepEverySteps: null }, [20], [10, 30, 40]],
    [{ keep: 1, keepEverySteps: 20 }, [50, 30], [10]],
    [{ keep: 9 }, [], []],
  ])("%j where %j are needed", (policy, needed, gone) => {
    expect(stepsToDelete(steps, policy, needed)).toEqual(gone);
  });
});

describe("the best step", () => {
  const high = { metric: "validation/top1", prefer: "high" } as const;
  const before = { metric: "validation/top1", value: 0.5, step: 10 };

  it.each([
    [0.6, 20],
    [0.5, 10],
    [0.4, 10],
    [Number.NaN, 10],
    [Number.POSITIVE_INFINITY, 10],
  ])("after a value of %s is %s", (value, step) => {
    expect(bestOf(high, before, 20, { "validation/top1": value })?.step).toBe(step);
  });

  it("is the first where there was none, the lowest where low is preferred, and none without a rule", () => {
    expect(bestOf(high, undefined, 20, { "validation/top1": 0 })).toEqual({ ...before, value: 0, step: 20 });
    const low = { metric: "validation/loss", prefer: "low" } as const;
    expect(bestOf(low, { metric: "validation/loss", value: 2, step: 10 }, 20, { "validation/loss": 1 })?.step).toBe(20);
    expect(bestOf(null, undefined, 20, { "validation/top1": 1 })).toBeUndefined();
    expect(bestOf(high, before, 20, { "other/top1": 1 })).toBe(before);
  });
});
