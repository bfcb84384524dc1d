import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { Claim, Places, Scale } from "../claim.ts";
import { type ClaimReport, claimReport, failedReport } from "../report/claim-report.ts";
import { type ClaimTools, claimBench, type Planned } from "./claim-bench.ts";
import { identityOf, placeOf } from "./identity.ts";
import type { StoredResult } from "./store.ts";

/** How claims are run. */
export interface RunClaims extends ClaimTools {
  readonly claims: readonly Claim[];
  readonly scale: Scale;
  readonly places: Places;
  /** Called after each claim with all that is known so far, so that a report exists whatever happens next. */
  readonly onReport: (reports: readonly ClaimReport[]) => void;
}

/**
 * Runs claims one after the other. A claim that throws is reported as failed and the next one runs; an abort ends the run, and what is
 * finished stays.
 */
export async function runClaims(options: RunClaims): Promise<ClaimReport[]> {
  const { claims, signal, onReport } = options;
  const madeAgain = new Set<string>();
  const reports: ClaimReport[] = [];
  for (const claim of claims) {
    if (signal.aborted) break;
    try {
      reports.push(await runClaim(claim, options, madeAgain));
    } catch (error) {
      // An abort surfaces as whatever the interrupted work throws.
      if (signal.aborted) break;
      reports.push(failedReport(claim, error as Error));
      options.progress.fail(claim, error as Error);
    }
    onReport(reports);
  }
  return reports;
}

async function runClaim(claim: Claim, options: RunClaims, madeAgain: Set<string>): Promise<ClaimReport> {
  const { scale, places, store, fresh, progress, machine, source } = options;
  const plan = await claim.plan(scale, places);
  const place = placeOf(claim, scale, plan);
  const identity = identityOf(claim, plan, { machine, source });
  const stored = fresh ? undefined : store.result(place, identity);
  if (stored !== undefined) {
    const time = stored.started.slice(0, 16).replace("T", " ");
    progress.skip(claim, `measured on ${time} UTC; --fresh measures again`);
    return claimReport(claim, stored);
  }
  // Its run records are about to be replaced.
  store.forgetResult(place);
  if (fresh) store.forgetCells(place);
  progress.begin(claim);
  const result = await measure({ claim, plan, place, identity }, options, madeAgain);
  store.save(place, result);
  const report = claimReport(claim, result);
  progress.finish(claim, report);
  return report;
}

async function measure(planned: Planned, options: RunClaims, madeAgain: Set<string>): Promise<StoredResult> {
  const { claim, plan, identity } = planned;
  const scratch = mkdtempSync(join(tmpdir(), `vitscale-${claim.name}-`));
  const runs = new Set<string>();
  const started = new Date();
  const [before = 0] = loadavg();
  try {
    const measurement = await claim.measure(plan, claimBench(planned, options, { scratch, runs, madeAgain }));
    const [after = 0] = loadavg();
    const seconds = (Date.now() - started.getTime()) / 1000;
    return {
      ...{ schema: 1, claim: claim.name, identity, scale: options.scale, plan, seconds, load: { before, after } },
      started: started.toISOString(),
      // As it will be read again.
      measurement: JSON.parse(JSON.stringify(measurement)),
      runs: [...runs],
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
