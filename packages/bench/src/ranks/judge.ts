import type { Finding, Statement } from "../claim.ts";
import { digits } from "../report/format.ts";
import { quantile } from "../statistics/summary.ts";
import type { summarizeAnswers } from "./findings.ts";

const aims = { hidden: 0.85, error: 0.15 } as const;

const percent = (share: number) => `${digits(100 * share)} %`;

/** What is stated of rings on links. @param how what the ranks are and what joins them, for the rules */
export function overlapStatements(how: string) {
  return {
    overlap: {
      kind: "paper",
      says: "Sending a block while the one before is multiplied hides the communication",
      source: "Dehghani et al. 2023 §3",
      printed: "54.9 % of peak in all; no time of one operation",
      rule:
        `${how}; over the layers whose transfers take no longer than their products, from medians of interleaved rounds; reproduced: rings hide half of ` +
        "what can be hidden, in the median layer; same direction: a tenth; else not seen",
    },
    hidden: {
      kind: "aim",
      says: "Rings hide what can be hidden",
      source: "one after the other less measured, over the smaller of transfer and (k − 1)/k of the products",
      printed: `at least ${aims.hidden}`,
      rule: `the same layers; reached: at least ${aims.hidden} in each of them`,
    },
    neverSlower: {
      kind: "aim",
      says: "Rings are never slower than communicating before or after one product",
      source: "all layers and links",
      printed: "at most 1",
      rule: "reached: the median over rounds of ring time / plain time is at most 1 for every layer",
    },
    paper: {
      kind: "aim",
      says: "The model of a machine predicts plain, ring and bidirectional forms",
      source: "from single products, sums, messages and collectives, timed before",
      printed: `within ${percent(aims.error)}`,
      rule: `reached: every prediction is within ${percent(aims.error)} of the median that was measured`,
    },
    blocks: {
      kind: "paper",
      says: "Parallel blocks send half of what sequential ones do, and take less time where links are slow",
      source: "Dehghani et al. 2023 §3; 15 % by Chowdhery et al. 2022 without links",
      printed: "2·d·(k − 1)/k elements a token and block against 4·d·(k − 1)/k",
      rule:
        "encoders of both kinds in rings on the same link; reproduced: the median over rounds of sequential time / parallel time is above 1.05 for every number of " +
        "ranks; same direction: above 1; else not seen",
    },
  } as const satisfies Record<string, Statement>;
}

/** A finding for each of those statements. */
export function judgeOverlap({
  layers,
  computeBound,
  leastHidden,
  medianHidden,
  worstRatio,
  errors,
  blockRatios,
}: ReturnType<typeof summarizeAnswers>): Record<keyof ReturnType<typeof overlapStatements>, Finding> {
  const absolute = errors.map(Math.abs);
  const within = absolute.filter((error) => error <= aims.error).length;
  const least = Math.min(...blockRatios);
  return {
    overlap: {
      measured: `${percent(medianHidden)} hidden in the median of ${computeBound} layers`,
      verdict: medianHidden >= 0.5 ? "reproduced" : medianHidden >= 0.1 ? "same direction" : "not seen at this scale",
    },
    hidden: {
      measured: `${digits(leastHidden)} at least, ${digits(medianHidden)} in the median`,
      verdict: leastHidden >= aims.hidden ? "reached" : "not reached",
    },
    neverSlower: {
      measured: `${digits(worstRatio)} at most, of ${layers} layers`,
      verdict: worstRatio <= 1 ? "reached" : "not reached",
    },
    paper: {
      measured: `${within} of ${errors.length} within; median error ${percent(quantile(absolute, 0.5))}, largest ${percent(Math.max(...absolute))}`,
      verdict: within === errors.length ? "reached" : "not reached",
    },
    blocks: {
      measured: `${blockRatios.map((ratio) => digits(ratio)).join(", ")} times as long`,
      verdict: least > 1.05 ? "reproduced" : least > 1 ? "same direction" : "not seen at this scale",
    },
  };
}
