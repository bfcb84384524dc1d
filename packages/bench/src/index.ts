// Claims: what is stated, how it is measured, what the numbers say.
export {
  type Bench,
  type Claim,
  defineClaim,
  type Finding,
  notMeasurable,
  type Scale,
  type Statement,
  type Table,
  type Verdict,
} from "./claim.ts";
export { claims } from "./claims/index.ts";
// Measuring.
export { type Contestant, interleave, type Rounds } from "./measure/interleave.ts";
// Reports.
export type { ClaimReport } from "./report/claim-report.ts";
export { reportMarkdown, verdictTables } from "./report/markdown.ts";
export { readmeResults, readReport } from "./report/readme.ts";
export type { Report } from "./report/report.ts";
export type { Rule } from "./rules.ts";
// Statistics.
export { pairedDifferences, pairedRatios } from "./statistics/paired.ts";
export { mean, median, quantile, type Summary, standardDeviation, summarize } from "./statistics/summary.ts";
