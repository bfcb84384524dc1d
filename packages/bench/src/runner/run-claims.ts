import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "@vitscale/core";
import { createRun, describeSource, type Machine, type RunRecord } from "@vitscale/train";
import type { Bench, Claim, Places, RecordFacts, Scale } from "../claim.ts";
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
  const { claims, signal, onReport, fresh, store } = options;
  if (fresh) store.forgetShared();
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
  const { scale, store, engine, signal, progress, machine, source } = options;
  const scratch = mkdtempSync(join(tmpdir(), `vitscale-${claim.name}-`));
  // Of trainings that another claim did, the curves are shown here too.
  const runs = new Set<string>();
  const known = <T>(result: T & { readonly isNew: boolean }): T => {
    if (!result.isNew) progress.reuse();
    return result;
  };
  const bench: Bench = {
    ...{ engine, signal, scratch },
    progress: (share, doing) => progress.advance(claim, share, doing),
    cell: async (name, work) => known(await store.cell({ claim: claim.name, identity, name }, work)).value,
    async shared(description, make) {
      const key = identityOf({ name: "shared", version: 1 }, description, { machine, source });
      const before = new Set(runs);
      const { folder, value } = known(
        await store.shared(key, async (place) => {
          const made = await make(place);
          return { made, records: [...runs].filter((name) => !before.has(name)) };
        }),
      );
      for (const name of value.records) runs.add(name);
      return { folder, value: value.made };
    },
    record(name, about) {
      const title = `${claim.name}-${name}`;
      runs.add(fileName(title));
      return openRecord(title, about, options);
    },
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
      runs: [...new Set([...recordsOf(claim, options.out), ...runs])],
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

function openRecord(title: string, facts: RecordFacts, { out, engine, machine }: RunClaims): RunRecord {
  const folder = join(out, "runs", fileName(title));
  rmSync(folder, { recursive: true, force: true });
  const { name: engineName, reason } = engine.describe();
  return createRun(folder, {
    ...{ ...facts, name: title, status: "running", step: 0, machine },
    source: describeSource(process.cwd()),
    engine: { name: engineName, reason },
  });
}
