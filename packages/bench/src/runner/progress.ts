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
  /** What comes next up to the following {@link advance} was measured earlier: it takes no time and says nothing about speed. */
  reuse(): void;
  finish(claim: Claim, report: ClaimReport): void;
  fail(claim: Claim, error: Error): void;
  end(): void;
}

/** Seconds by which an estimate trusts the expectation: what has been measured counts more the longer it took. */
const trust = 30;

/** Without a terminal, a line every so many seconds is enough to see that it is alive. */
const secondsBetweenLines = 20;

/**
 * Progress over claims in percent of the time that they are expected to take. What is left is estimated from the time that the part
 * which is done has really taken; what was measured earlier counts as no part.
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
  let worked = 0;
  /** Share of the claim that runs, and whether its next part was measured earlier. */
  let place = 0;
  let isReused = false;
  let shown = now();
  const start = now();

  const moveTo = (share: number, claim: Claim) => {
    const part = Math.max(0, share - place) * claim.seconds[scale];
    if (isReused) total -= part;
    else worked += part;
    place = Math.max(place, share);
    isReused = false;
  };
  const show = (doing: string) => {
    if (now() - shown < 1000 * interval) return;
    shown = now();
    const elapsed = (now() - start) / 1000;
    if (stream.isTTY !== true) display.note(`  … ${doing}`);
    display.report({
      step: Math.floor((100 * worked) / total),
      secondsLeft: ((elapsed + trust) / (worked + trust)) * (total - worked),
    });
  };

  return {
    note: display.note,
    skip(claim, why) {
      total -= claim.seconds[scale];
      display.note(`${claim.name}: ${why}`);
    },
    begin(claim) {
      [place, isReused] = [0, false];
      display.note(`${claim.name}: ${claim.title}, about ${formatDuration(claim.seconds[scale])}`);
    },
    advance(claim, share, doing) {
      moveTo(share, claim);
      show(doing);
    },
    reuse() {
      isReused = true;
    },
    finish(claim, { statements }) {
      moveTo(1, claim);
      for (const { says, measured, verdict } of Object.values(statements)) {
        display.note(`  ${says}: ${measured} (${verdict})`);
      }
    },
    fail(claim, error) {
      moveTo(1, claim);
      display.note(`  ${claim.name} failed: ${error.message}`);
    },
    end: display.end,
  };
}
