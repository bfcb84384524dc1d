import { checkpointFiles } from "../checkpoints/files.ts";
import { differences } from "../config/differences.ts";
import type { ResolvedConfig } from "../config/train-config.ts";
import type { DivergenceError } from "../diagnostics/divergence.ts";
import { imageFlops } from "../image-flops.ts";
import { describeMachine, describeSource } from "../machine.ts";
import type { Share } from "../mesh/share.ts";
import type { Progress } from "../progress.ts";
import { DamagedRecordError, hasRun, readRunInfo, runPaths } from "../runs/info.ts";
import { createRun, failRun, type RunFacts, type RunRecord, rebuildRun, resumeRun } from "../runs/record.ts";
import { unrecorded } from "../runs/unrecorded.ts";
import { describeStart } from "../transfer/start.ts";
import type { Position } from "./position.ts";

/** What is recorded of a run, and where. */
export interface Recording {
  readonly folder: string;
  readonly config: ResolvedConfig;
  readonly facts: RunFacts;
  readonly progress: Progress;
}

/** What is known of a run before anything is opened for it. */
export function describeRun(config: ResolvedConfig, { engine, isFirst }: Share, group?: string): RunFacts {
  const { name, reason } = engine.describe();
  return {
    ...{ name: config.name, status: "running", config, seed: config.seed, step: 0, steps: config.steps },
    ...(group !== undefined && { group }),
    flopsPerStep: config.batchSize * imageFlops(config.model),
    source: isFirst ? describeSource(process.cwd()) : null,
    machine: describeMachine(),
    engine: { name, reason },
  };
}

/**
 * Begins the record of a run that has none, so that it tells whatever happens from now on. Undefined where there is something to go on
 * with: a record, or checkpoints whose record is gone.
 */
export function beginRecord(
  { folder, config, facts, progress }: Recording,
  { isFirst, resume }: { readonly isFirst: boolean; readonly resume: boolean },
): RunRecord | undefined {
  if (!isFirst) return unrecorded(folder, facts);
  if (resume && (hasRun(folder) || checkpointFiles(runPaths(folder).checkpoints).length > 0)) return undefined;
  const record = createRun(folder, facts);
  const tell = telling(record, progress);
  if (resume) tell("resumed", "there is no checkpoint; starting at step 0");
  else record.event(0, "started", `started in process ${process.pid} on ${facts.machine.cpu}`);
  if (config.start) tell("begun", `begins with ${describeStart(config.start)}`);
  return record;
}

/** What happened on the way to where a run goes on. */
export interface Coming {
  /** Checkpoints that could not be used, in words. */
  readonly damaged: readonly string[];
  /** What went wrong on the data that are passed over. */
  readonly passOver: DivergenceError | undefined;
}

/** Goes on with the record of a run from where the run is, and says how it came there. A record that is damaged or gone is made anew. */
export function continueRecord(
  { folder, config, facts, progress }: Recording,
  { step, best }: Position,
  { damaged, passOver }: Coming,
): RunRecord {
  const now = { ...facts, step, ...(best && { best }) };
  const before = readRecord(folder);
  const isUsable = before !== undefined && !(before instanceof DamagedRecordError);
  const record = isUsable ? resumeRun(folder, step, now) : rebuildRun(folder, step, now);
  const tell = telling(record, progress);

  if (before instanceof DamagedRecordError)
    tell("damaged", `${before.reason}; it was made anew, and kept as run.json.damaged`);
  if (before === undefined) tell("damaged", "run.json is gone; it was made anew");
  for (const text of damaged) record.event(step, "damaged", text);
  tell("resumed", step > 0 ? `resumed at step ${step}` : "there is no checkpoint; starting at step 0");
  if (passOver) tell("rolled-back", `${passOver.message}; going on at step ${step} with other data`);
  const changes = isUsable ? differences(before.config, config) : [];
  for (const change of changes) tell("config-changed", `changed since the run was last begun or resumed: ${change}`);
  return record;
}

/**
 * Tells in the record of a run why the run failed.
 *
 * @param record undefined where it failed before its record was gone on with
 */
export function recordFailure(folder: string, record: RunRecord | undefined, step: number, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  try {
    record?.update({ status: "failed", step, error: text });
    record?.event(step, "failed", text);
    if (record === undefined) failRun(folder, text);
  } catch {
    // The disk that failed the run may refuse this too; the first error is the one to report.
  }
}

/** Says things twice: as events of a record at the step that it is at, and on the console. */
function telling(record: RunRecord, progress: Progress): (kind: string, text: string) => void {
  return (kind, text) => {
    progress.note(text);
    record.event(record.info.step, kind, text);
  };
}

function readRecord(folder: string) {
  try {
    return hasRun(folder) ? readRunInfo(folder) : undefined;
  } catch (error) {
    if (error instanceof DamagedRecordError) return error;
    throw error;
  }
}
