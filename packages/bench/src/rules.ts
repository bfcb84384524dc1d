import type { Verdict } from "./claim.ts";
import { mean, standardDeviation, summarize } from "./statistics/summary.ts";

/** A rule that turns numbers into a verdict, and the sentence that says so in the report. Both read the same thresholds. */
export interface Rule<Input> {
  readonly text: string;
  verdict(input: Input): Verdict;
}

const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;

/** A verdict of the two things that a rule asks; the first of them that is so counts. */
export function verdictOf(isReproduced: boolean, isSameDirection: boolean): Verdict {
  return isReproduced ? "reproduced" : isSameDirection ? "same direction" : "not seen at this scale";
}

/** The verdict of a statement that is judged at several settings, all of which count: the worst of them. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  const isBad = (verdict: Verdict) => verdict !== "reproduced" && verdict !== "same direction";
  return verdictOf(
    verdicts.every((verdict) => verdict === "reproduced"),
    !verdicts.some(isBad),
  );
}

/**
 * A claimed gain in speed, judged by the ratios baseline time / candidate time of interleaved rounds.
 *
 * @param claimed the printed gain, 0.15 for 15 %
 */
export function gainRule(claimed: number): Rule<readonly number[]> {
  const enough = claimed / 2;
  return {
    text:
      `over rounds, gain = baseline time / candidate time − 1; reproduced: median ≥ ${percent(enough)} (half of what is printed) and ` +
      "lower quartile > 0; same direction: lower quartile > 0; else not seen",
    verdict(ratios) {
      const { median, lower } = summarize(ratios);
      if (lower <= 1) return "not seen at this scale";
      return median >= 1 + enough ? "reproduced" : "same direction";
    },
  };
}

/** A change that is said to make faster, without a number. */
export const fasterRule: Rule<readonly number[]> = {
  text: "reproduced: the lower quartile over rounds of baseline time / candidate time is above 1; else not seen",
  verdict: (ratios) => (summarize(ratios).lower > 1 ? "reproduced" : "not seen at this scale"),
};

/**
 * A change that is said to cost no time; 1 % is what rounds can tell apart. Rounds that differ by more among themselves cannot show that nothing was
 * lost, so noise is no evidence for it.
 */
export const noSlowdownRule: Rule<readonly number[]> = {
  text: "over rounds, time with / time without; reproduced: its upper quartile is at most 1.01; same direction: its median is; else not seen",
  verdict(ratios) {
    const { median, upper } = summarize(ratios);
    return verdictOf(upper <= 1.01, median <= 1.01);
  },
};

/** Losses of the same seeds, with and without what the paper changed. */
export interface Losses {
  readonly candidate: readonly number[];
  readonly baseline: readonly number[];
}

/** What two losses may differ by and still count as equal: a share of the loss that is compared with. */
const lossTolerance = 0.05;

/** Standard error of the difference of two means over seeds; infinite where one of them has a single seed, whose spread nobody knows. */
function standardError(first: readonly number[], second: readonly number[]): number {
  const variance = (values: readonly number[]) =>
    values.length < 2 ? Number.POSITIVE_INFINITY : standardDeviation(values) ** 2 / values.length;
  return Math.sqrt(variance(first) + variance(second));
}

/**
 * A claim that a change costs no quality. The tolerance does not grow with the spread over seeds, so that seeds that differ much make the claim harder to
 * show, not easier.
 */
export const noLossRule: Rule<Losses> = {
  text:
    "gap: the mean test loss over seeds less the baseline's; reproduced: gap + standard error (of this difference, over seeds) is at most " +
    `${percent(lossTolerance)} of the baseline's loss; same direction: the gap alone is; else not seen`,
  verdict({ candidate, baseline }) {
    const gap = mean(candidate) - mean(baseline);
    const most = lossTolerance * mean(baseline);
    return verdictOf(gap + standardError(candidate, baseline) <= most, gap <= most);
  },
};

/** A claim that several choices are equally good: no two differ by more than the tolerance. */
export const sameRule: Rule<readonly (readonly number[])[]> = {
  text:
    "gap: between the mean test losses over seeds of any two; reproduced: gap + standard error (of this difference, over seeds) is at most " +
    `${percent(lossTolerance)} of the smaller loss; same direction: the gap alone is; else not seen`,
  verdict(losses) {
    const pairs = losses.flatMap((first, i) => losses.slice(i + 1).map((second) => [first, second] as const));
    return worstOf(
      pairs.map(([first, second]) => {
        const gap = Math.abs(mean(first) - mean(second));
        const most = lossTolerance * Math.min(mean(first), mean(second));
        return verdictOf(gap + standardError(first, second) <= most, gap <= most);
      }),
    );
  },
};

/** A claim that a change improves quality. */
export const betterRule: Rule<Losses> = {
  text:
    "reproduced: the mean test loss over seeds is below the baseline's by more than the baseline's standard deviation over seeds; " +
    "same direction: below it; else not seen",
  verdict({ candidate, baseline }) {
    const gain = mean(baseline) - mean(candidate);
    if (gain <= 0 || Number.isNaN(gain)) return "not seen at this scale";
    return gain > standardDeviation(baseline) ? "reproduced" : "same direction";
  },
};

/** A claim that a change does harm, up to trainings that run away. */
export const worseRule: Rule<Losses> = {
  text:
    "reproduced: the mean test loss over seeds is above the baseline's by more than the larger of the two standard deviations over seeds, or stopped " +
    "being a number where no loss of the baseline did; same direction: above it; else not seen",
  verdict({ candidate, baseline }) {
    const gap = mean(candidate) - mean(baseline);
    if (!(gap > 0)) return "not seen at this scale";
    const spread = Math.max(standardDeviation(candidate), standardDeviation(baseline));
    return gap === Number.POSITIVE_INFINITY || gap > spread ? "reproduced" : "same direction";
  },
};

/** An aim of this project from below: the median over rounds is at least so much. */
export function atLeastRule(aim: number): Rule<readonly number[]> {
  return {
    text: `reached: the median over interleaved rounds is at least ${aim}`,
    verdict: (values) => (summarize(values).median >= aim ? "reached" : "not reached"),
  };
}

/** An aim of this project from above: the median over rounds is at most so much. */
export function atMostRule(aim: number): Rule<readonly number[]> {
  return {
    text: `reached: the median over rounds is at most ${aim}`,
    verdict: (values) => (summarize(values).median <= aim ? "reached" : "not reached"),
  };
}
