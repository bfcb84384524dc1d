import { createProgress, formatDuration, type ProgressStream } from "@vitscale/train";
import type { Claim, Scale } from "../claim.ts";
import type { ClaimReport } from "../report/claim-report.ts";

/** Shows how far a run of claims is, and what each claim found. */
export interface BenchProgress {
  note(text: string): void;
  /** A claim that was measured earlier. */
  skip(claim: Claim, why: string): void;
  begin(claim: Claim): void;
  advance(claim: Claim, share: number, doing: string): void;
  finish(claim: Claim, report: ClaimReport): void;
  fail(claim: Claim, error: Error): void;
  end(): void;
}

/** Without a terminal, a line every so many seconds is enough to see that it is alive. */
const secondsBetweenLines = 20;

/**
 * Progress over claims in percent of the time that they are expected to take; what is left is estimated from the time that the part
 * which is done has really taken.
 */
export function benchProgress(
  claims: readonly Claim[],
  scale: Scale,
  stream: ProgressStream = process.stderr,
  now: () => number = () => performance.now(),
): BenchProgress {
  const display = createProgress(100, stream, now);
  const interval = stream.isTTY === true ? 0.5 : secondsBetweenLines;
  let total = claims.reduce((sum, claim) => sum + claim.seconds[scale], 0);
  let finished = 0;
  let shown = now();
  const start = now();

  const show = (expected: number, doing: string) => {
    if (now() - shown < 1000 * interval) return;
    shown = now();
    const elapsed = (now() - start) / 1000;
    if (stream.isTTY !== true) display.note(`  … ${doing}`);
    display.report({
      step: Math.floor((100 * expected) / total),
      // Before anything is done, the expectation is all there is.
      secondsLeft: expected < 1 ? total : (elapsed / expected) * (total - expected),
    });
  };

  return {
    note: display.note,
    skip(claim, why) {
      total -= claim.seconds[scale];
      display.note(`${claim.name}: ${why}`);
    },
    begin: (claim) => display.note(`${claim.name}: ${claim.title}, about ${formatDuration(claim.seconds[scale])}`),
    advance: (claim, share, doing) => show(finished + share * claim.seconds[scale], doing),
    finish(claim, { statements }) {
      finished += claim.seconds[scale];
      for (const { says, measured, verdict } of Object.values(statements)) {
        display.note(`  ${says}: ${measured} (${verdict})`);
      }
    },
    fail(claim, error) {
      finished += claim.seconds[scale];
      display.note(`  ${claim.name} failed: ${error.message}`);
    },
    end: display.end,
  };
}
