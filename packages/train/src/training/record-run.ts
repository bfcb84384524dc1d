import { differences } from "../config/differences.ts";
import type { ResolvedConfig } from "../config/train-config.ts";
import type { DivergenceError } from "../diagnostics/divergence.ts";
import { imageFlops } from "../image-flops.ts";
import { describeMachine, describeSource } from "../machine.ts";
import type { Share } from "../mesh/share.ts";
import type { Progress } from "../progress.ts";
import { hasRun, readRunInfo } from "../runs/info.ts";
import { createRun, type RunRecord, resumeRun } from "../runs/record.ts";
import { unrecorded } from "../runs/unrecorded.ts";
import { describeStart } from "../transfer/start.ts";
import type { Position } from "./position.ts";

/** How a run comes to be where it is. */
export interface Coming {
  readonly resume: boolean;
  readonly group?: string | undefined;
  /** Checkpoints that could not be used, in words. */
  readonly damaged: readonly string[];
  /** What went wrong on the data that are passed over. */
  readonly passOver?: DivergenceError | undefined;
}

/** Begins the record of a run, or goes on with it, and says in it how the run came to be where it is. */
export function recordRun(
  folder: string,
  { config, share, at, progress }: { config: ResolvedConfig; share: Share; at: Position; progress: Progress },
  { resume, group, damaged, passOver }: Coming,
): RunRecord {
  const { step, best } = at;
  const { name, reason } = share.engine.describe();
  const facts = {
    ...{ name: config.name, status: "running" as const, config, seed: config.seed, step, steps: config.steps },
    ...(group !== undefined && { group }),
    ...(best && { best }),
    flopsPerStep: config.batchSize * imageFlops(config.model),
    source: share.isFirst ? describeSource(process.cwd()) : null,
    machine: describeMachine(),
    engine: { name, reason },
  };
  const isContinuation = share.isFirst && resume && hasRun(folder);
  const changes = isContinuation ? differences(readRunInfo(folder).config, config) : [];
  const newRun = share.isFirst ? createRun : unrecorded;
  const record = isContinuation ? resumeRun(folder, step, facts) : newRun(folder, facts);

  const tell = (kind: string, text: string) => {
    progress.note(text);
    record.event(step, kind, text);
  };
  for (const text of damaged) record.event(step, "damaged", text);
  if (!resume) record.event(step, "started", `started in process ${process.pid} on ${facts.machine.cpu}`);
  else tell("resumed", step > 0 ? `resumed at step ${step}` : "there is no checkpoint; starting at step 0");
  if (config.start && !isContinuation) tell("begun", `begins with ${describeStart(config.start)}`);
  if (passOver) tell("rolled-back", `${passOver.message}; going on at step ${step} with other data`);
  for (const change of changes) tell("config-changed", `changed since the run began: ${change}`);
  return record;
}
