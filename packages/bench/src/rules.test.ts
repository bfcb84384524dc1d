import { describe, expect, it } from "vitest";
import {
  atLeastRule,
  atMostRule,
  betterRule,
  fasterRule,
  gainRule,
  noLossRule,
  noSlowdownRule,
  sameRule,
  worseRule,
  worstOf,
} from "./rules.ts";

describe("rules", () => {
  it("judge a claimed gain by its median and lower quartile", () => {
    const rule = gainRule(0.15);
    expect(rule.text).toContain("median ≥ 7.5 % (half of what is printed)");
    expect(rule.verdict([1.1, 1.12, 1.14])).toBe("reproduced");
    // 7.5 % itself is enough.
    expect(rule.verdict([1.075, 1.075, 1.075])).toBe("reproduced");
    expect(rule.verdict([1.02, 1.03, 1.04])).toBe("same direction");
    // A quarter of the rounds were slower: noise could do that.
    expect(rule.verdict([0.9, 1, 1.2, 1.3])).toBe("not seen at this scale");
    expect(rule.verdict([0.9, 0.95, 0.99])).toBe("not seen at this scale");
  });

  it("judge a gain without a number, and a change that costs no time", () => {
    expect(fasterRule.verdict([1.01, 1.02])).toBe("reproduced");
    expect(fasterRule.verdict([0.99, 1.02])).toBe("not seen at this scale");
    expect(noSlowdownRule.verdict([0.98, 1.005, 1.01])).toBe("reproduced");
    // An upper quartile of 1.014 with a median of 1.008: it may cost more than what rounds tell apart.
    expect(noSlowdownRule.verdict([1.005, 1.008, 1.02])).toBe("same direction");
    // A median of 1.05 is no evidence of no cost, however far down the noise reaches.
    expect(noSlowdownRule.verdict([0.9, 1, 1.1, 1.2])).toBe("not seen at this scale");
    expect(noSlowdownRule.verdict([1.02, 1.03, 1.04])).toBe("not seen at this scale");
  });

  it("measure a difference in quality against what a seed makes of the baseline", () => {
    // Baseline 1.9, 2.0, 2.1: mean 2, standard deviation 0.1.
    const baseline = [1.9, 2.0, 2.1];
    // The tolerance is 0.1. Standard error √(0.1²/3 + 0.05²/3) = 0.0645: a gap of 0.03 stays within, one of 0.05 may not.
    expect(noLossRule.verdict({ baseline, candidate: [1.98, 2.03, 2.08] })).toBe("reproduced");
    expect(noLossRule.verdict({ baseline, candidate: [2, 2.05, 2.1] })).toBe("same direction");
    expect(noLossRule.verdict({ baseline, candidate: [2.05, 2.11, 2.17] })).toBe("not seen at this scale");
    // Seeds that differ more make it harder to show, and one seed shows nothing.
    expect(noLossRule.verdict({ baseline: [1.5, 2, 2.5], candidate: [1.5, 2, 2.5] })).toBe("same direction");
    expect(noLossRule.verdict({ baseline: [2], candidate: [2] })).toBe("same direction");
    expect(betterRule.verdict({ baseline, candidate: [1.8, 1.9, 1.99] })).toBe("reproduced");
    expect(betterRule.verdict({ baseline, candidate: [1.9, 2.0, 2.0] })).toBe("same direction");
    expect(betterRule.verdict({ baseline, candidate: baseline })).toBe("not seen at this scale");
  });

  it("find choices equally good that differ by no more than 5 %, all of the interval", () => {
    // Standard deviations of 0.03 in three seeds: a standard error of √(2 · 0.03² / 3) = 0.0245 beside a tolerance of 0.1.
    const around = (middle: number) => [middle - 0.03, middle, middle + 0.03];
    expect(sameRule.verdict([around(2), around(2.04), around(2.07)])).toBe("reproduced");
    expect(sameRule.verdict([around(2.07), around(2.04), around(2)])).toBe("reproduced");
    expect(sameRule.verdict([around(2), around(2.04), around(2.09)])).toBe("same direction");
    expect(sameRule.verdict([around(2), around(2.04), around(2.11)])).toBe("not seen at this scale");
  });

  it("take the worst of several settings", () => {
    expect(worstOf(["reproduced", "reproduced"])).toBe("reproduced");
    expect(worstOf(["reproduced", "same direction"])).toBe("same direction");
    expect(worstOf(["reproduced", "same direction", "not seen at this scale"])).toBe("not seen at this scale");
  });

  it("take a training that ran away for the worst, on either side", () => {
    const ran = [2, Number.POSITIVE_INFINITY];
    expect(noLossRule.verdict({ baseline: [2, 2.1], candidate: ran })).toBe("not seen at this scale");
    expect(betterRule.verdict({ baseline: [2, 2.1], candidate: ran })).toBe("not seen at this scale");
  });

  it("judge harm against what a seed makes of either, and take a loss that is no number for harm", () => {
    // A standard deviation of 0.1 around 2.
    const baseline = [1.9, 2, 2.1];
    expect(worseRule.verdict({ baseline, candidate: [2.15, 2.15, 2.15] })).toBe("reproduced");
    expect(worseRule.verdict({ baseline, candidate: [2.05, 2.1, 2.11] })).toBe("same direction");
    expect(worseRule.verdict({ baseline: [2, 2, 2], candidate: [1.9, 2.1, 2.2] })).toBe("same direction");
    expect(worseRule.verdict({ baseline, candidate: [1.8, 1.9, 2] })).toBe("not seen at this scale");
    const ran = [2, Number.POSITIVE_INFINITY];
    expect(worseRule.verdict({ baseline, candidate: ran })).toBe("reproduced");
    expect(worseRule.verdict({ baseline: ran, candidate: ran })).toBe("not seen at this scale");
  });

  it("judge aims by the median", () => {
    expect(atLeastRule(10).verdict([9, 10, 30])).toBe("reached");
    expect(atLeastRule(10).verdict([9, 9.9, 30])).toBe("not reached");
    expect(atMostRule(2).verdict([1.9, 2, 7])).toBe("reached");
    expect(atMostRule(2).verdict([1, 2.1, 7])).toBe("not reached");
  });
});
