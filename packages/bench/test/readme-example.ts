import { claims, pairedRatios, summarize } from "@vitscale/bench";

// Two things measured in the same rounds are compared round by round: what slowed both cancels.
const ratios = pairedRatios([30, 90, 60], [20, 60, 40]);
export const { median, lower, upper } = summarize(ratios); // 1.5, 1.5, 1.5

export const names = claims.map(({ name }) => name);
