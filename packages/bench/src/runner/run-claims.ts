import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "@vitscale/core";
import { createRun, describeSource, type Machine, type RunRecord } from "@vitscale/train";
import type { Bench, Claim, Places, Scale } from "../claim.ts";
import { type ClaimReport, claimReport, failedReport } from "../report/claim-report.ts";
import { identityOf } from "./identity.ts";
import type { BenchProgress } from "./progress.ts";
import { fileName, type Store, type StoredResult } from "./store.ts";

/** How claims are run. */
export interface RunClaims {
  readonly claims: readonly Claim[];
  readonly scale: Scale;
  /** Folder of results, run records and reports. */
  readonly out: string;
  readonly places: Places;
  readonly store: Store;
  readonly engine: Engine;
  readonly machine: Machine;
  /** The source code, as a text that changes with it. */
  readonly source: string;
  /** Measures again what was measured before. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
  readonly progress: BenchProgress;
  /** Called after each claim with all that is known so far, so that a report exists whatever happens next. */
  readonly onReport: (reports: readonly ClaimReport[]) => void;
}

/**
 * Runs claims one after the other. A claim that throws is reported as failed and the next one runs; an abort ends the run, and what is
 * finished stays.
 */
export async function runClaims(options: RunClaims): Promise<ClaimReport[]> {
  const { claims, signal, onReport } = options;
  const reports: ClaimReport[] = [];
  for (const claim of claims) {
    if (signal.aborted) break;
    try {
      reports.push(await runClaim(claim, options));
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

async function runClaim(claim: Claim, options: RunClaims): Promise<ClaimReport> {
  const { scale, places, store, fresh, progress, machine, source } = options;
  const plan = await claim.plan(scale, places);
  const identity = identityOf(claim, plan, { machine, source });
  if (fresh) store.forget(claim.name);
  const stored = store.result(claim.name, identity);
  if (stored !== undefined) {
    const time = stored.started.slice(0, 16).replace("T", " ");
    progress.skip(claim, `measured on ${time} UTC; --fresh measures again`);
    return claimReport(claim, stored);
  }
  progress.begin(claim);
  const result = await measure(claim, plan, identity, options);
  store.save(result);
  const report = claimReport(claim, result);
  progress.finish(claim, report);
  return report;
}

async function measure(claim: Claim, plan: unknown, identity: string, options: RunClaims): Promise<StoredResult> {
  const { scale, store, engine, signal, progress } = options;
  const scratch = mkdtempSync(join(tmpdir(), `vitscale-${claim.name}-`));
  const bench: Bench = {
    ...{ engine, signal, scratch },
    progress: (share, doing) => progress.advance(claim, share, doing),
    cell: (name, work) => store.cell({ claim: claim.name, identity, name }, work),
    record: (name, about) => openRecord(claim, name, about, options),
  };
  const started = new Date();
  const [before = 0] = loadavg();
  try {
    const measurement = await claim.measure(plan, bench);
    const [after = 0] = loadavg();
    const seconds = (Date.now() - started.getTime()) / 1000;
    return {
      ...{ schema: 1, claim: claim.name, identity, scale, plan, seconds, load: { before, after } },
      started: started.toISOString(),
      // As it will be read again.
      measurement: JSON.parse(JSON.stringify(measurement)),
      runs: recordsOf(claim, options.out),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Names of a claim's run records, also of those that an interrupted run left. */
function recordsOf({ name }: Claim, out: string): string[] {
  const folder = join(out, "runs");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((record) => record.startsWith(`${name}-`));
}

function openRecord(
  claim: Claim,
  name: string,
  { config, seed, steps }: Parameters<Bench["record"]>[1],
  { out, engine, machine }: RunClaims,
): RunRecord {
  const title = `${claim.name}-${name}`;
  const folder = join(out, "runs", fileName(title));
  rmSync(folder, { recursive: true, force: true });
  const { name: engineName, reason } = engine.describe();
  return createRun(folder, {
    ...{ name: title, status: "running", config, seed, step: 0, steps, machine },
    source: describeSource(process.cwd()),
    engine: { name: engineName, reason },
  });
}
