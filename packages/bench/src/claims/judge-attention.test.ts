import { describe, expect, it } from "vitest";
import type { Claim } from "../claim.ts";
import type { LogitParts } from "../training/logit-parts.ts";
import { logitPartsClaim } from "./logit-parts.ts";
import { logitSize } from "./logit-size.ts";

const verdicts = (claim: Claim, measurement: unknown, plan: unknown) =>
  Object.fromEntries(Object.entries(claim.judge(measurement, plan)).map(([name, { verdict }]) => [name, verdict]));

describe("judging what attention logits are made of", () => {
  /** One block: the pair of the largest |logit|, then all pairs. */
  const seen = (logit: number | null, norm: number, alignment: number, meanNorm: number, meanAlignment: number) =>
    ({
      ...{ maxLogit: [logit], queryNorm: [norm], keyNorm: [norm], alignment: [alignment], entropy: [1], bound: [null] },
      ...{ meanQueryNorm: [meanNorm], meanKeyNorm: [meanNorm], meanAlignment: [meanAlignment] },
    }) satisfies LogitParts;
  const runOf = (first: LogitParts, last: LogitParts, learningRate = 0.03) => ({
    ...{ model: "small", qkNorm: false, learningRate, seed: 0 },
    outcome: {
      health: [
        { step: 0, ...first },
        { step: 5, ...first },
        { step: 10, ...last },
      ],
    },
  });
  const plan = { learningRates: [0.03], seeds: [0], steps: 10, model: { depth: 1 } };

  it("finds the share of norms in a growth by 100", () => {
    // ln 64 / ln 100 = 0.903; the mean |cos| doubles where the norms' product grows by 25.
    const run = runOf(seen(1, 1, 0.5, 1, 0.2), seen(100, 8, 0.78, 5, 0.4));
    expect(logitPartsClaim.judge([run], plan)).toEqual({
      largest: { measured: "90.3 ± 0.0 % of a growth by 100 ± 0.0 at 0.03", verdict: "reproduced" },
      typical: {
        measured: "mean |cos| by a factor of 2.00 ± 0.0, norms by 25.0 ± 0.0 at 0.03",
        verdict: "reproduced",
      },
    });
    const [byBlock, onTheWay] = logitPartsClaim.tables!([run], plan);
    expect(byBlock?.rows).toEqual([
      ["0", "1.00 → 100", "1.00 → 8.00", "1.00 → 8.00", "0.500 → 0.780", "1.00 → 5.00", "1.00 → 5.00", "0.200 → 0.400"],
    ]);
    expect(onTheWay?.rows.map(([step]) => step)).toEqual(["0"]);
  });

  it("wants most of it in every training, at every rate", () => {
    const most = runOf(seen(1, 1, 0.5, 1, 0.2), seen(100, 8, 0.78, 5, 0.4));
    // ln 16 / ln 100 = 0.602; ln 4.5 / ln 25 = 0.467.
    const half = runOf(seen(1, 1, 0.1, 1, 0.2), seen(100, 4, 0.625, 5, 0.9));
    // ln 4 / ln 100 = 0.301; ln 4.5 / ln 4 = 1.08.
    const little = runOf(seen(1, 1, 0.04, 1, 0.2), seen(100, 2, 1, 2, 0.9), 0.1);
    const both = (verdict: string) => ({ largest: verdict, typical: verdict });
    expect(verdicts(logitPartsClaim, [most, half], plan)).toEqual(both("same direction"));
    const rates = { ...plan, learningRates: [0.03, 0.1] };
    expect(verdicts(logitPartsClaim, [most, little], rates)).toEqual(both("not seen at this scale"));
  });

  it("sees nothing where logits hardly grow, or stop being numbers", () => {
    const still = runOf(seen(1, 1, 0.5, 1, 0.2), seen(1.5, 1.5, 0.33, 1, 0.2));
    const lost = runOf(seen(1, 1, 0.5, 1, 0.2), seen(null, 1.5, 0.33, Number.NaN, 0.2));
    for (const run of [still, lost]) {
      expect(verdicts(logitPartsClaim, [run], plan)).toEqual({
        ...{ largest: "not seen at this scale", typical: "not seen at this scale" },
      });
    }
  });
});

describe("judging logits of a size that is given", () => {
  const sizes = [0, 10, 100, 1000, 10_000];
  const judged = (losses: readonly (readonly [number | null, number | null])[]) => {
    const outcomes = sizes.map(
      (size, i) => [`logits to ${size}`, losses[i]!.map((testLoss) => ({ testLoss }))] as const,
    );
    return verdicts(logitSize, Object.fromEntries(outcomes), { sizes });
  };

  it("wants harm at 1,000 and not before, and at 10,000 more than even attention does", () => {
    const even = [2, 2] as const;
    const best = [1, 1.1] as const;
    expect(judged([even, best, best, [1.5, 1.5], [2.5, 2.5]])).toEqual({
      ...{ degradation: "reproduced", trivial: "reproduced" },
    });
    expect(judged([even, best, [1.3, 1.3], [1.5, 1.5], [2.1, 1.95]])).toEqual({
      ...{ degradation: "same direction", trivial: "same direction" },
    });
    expect(judged([even, best, best, [1.1, 1.1], [1.9, 2]])).toEqual({
      ...{ degradation: "not seen at this scale", trivial: "not seen at this scale" },
    });
    expect(judged([even, best, best, [1.5, null], [null, null]])).toEqual({
      ...{ degradation: "reproduced", trivial: "reproduced" },
    });
  });
});
