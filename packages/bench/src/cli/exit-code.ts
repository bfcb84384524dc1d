import type { Verdict } from "../claim.ts";
import type { ClaimReport } from "../report/claim-report.ts";

/** What the command ends with. 130, by Ctrl-C, is that of the signal. */
export const exitCodes = {
  /** Every claim was measured, or names what it lacks; what holds on any machine was seen. */
  good: 0,
  /** The measurement of a claim failed. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A verdict is unfavourable. */
  verdict: 3,
} as const;

const unfavourable: readonly Verdict[] = ["not seen at this scale", "not reached"];

/**
 * What the verdicts of a run make of it, with the statements that count against it. A paper's effect that is not seen on a small machine does not, unless
 * `isStrict`; a statement that is exact does. What cannot be measured here says nothing.
 */
export function judgeRun(
  reports: readonly ClaimReport[],
  isStrict: boolean,
): { readonly code: number; readonly against: readonly string[] } {
  const failed = reports.filter(({ error }) => error !== undefined);
  if (failed.length > 0) {
    return { code: exitCodes.failed, against: failed.map(({ name }) => `${name}: its measurement failed`) };
  }
  const against = reports.flatMap(({ name, statements }) =>
    Object.values(statements)
      .filter(({ verdict, isExact = false }) => (isExact || isStrict) && unfavourable.includes(verdict))
      .map(({ says, verdict }) => `${name}: ${says}: ${verdict}`),
  );
  return { code: against.length > 0 ? exitCodes.verdict : exitCodes.good, against };
}
