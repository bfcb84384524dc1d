import { restore } from "../checkpoints/restore.ts";
import type { CheckpointStore } from "../checkpoints/store.ts";
import type { ResolvedConfig } from "../config/train-config.ts";
import type { StabilityMemory } from "../diagnostics/divergence.ts";
import { initialState, type RunState } from "../initial-state.ts";
import type { Share } from "../mesh/share.ts";
import { createMetricWindow, type MetricWindow } from "../metric-window.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { BestStep } from "../runs/info.ts";
import { startFrom } from "../transfer/start.ts";
import type { RollBack } from "./roll-back.ts";

/** Where a run is: what its steps move, and what its checkpoints hold. */
export interface Position {
  /** This rank's part of parameters, optimizer and averages. */
  state: RunState;
  /** Steps that are finished. */
  step: number;
  /** Batches that were passed over because training went wrong on them: the data are at step + skipped. */
  skipped: number;
  /** Metrics of the steps since the last row. */
  window: MetricWindow;
  /** The best value so far of the metric that checkpoints are kept by. */
  best: BestStep | undefined;
  /** What it remembers of how stable it was. */
  stability: StabilityMemory;
}

/** What positions of a run follow from. */
export interface PositionParts {
  readonly config: ResolvedConfig;
  readonly optimizer: Optimizer;
  readonly share: Share;
}

/** How {@link openPosition} finds a run. */
export interface Opening {
  /** Opens the run's checkpoints, for a state of this structure. */
  readonly openCheckpoints: (whole: RunState) => CheckpointStore;
  /** Whether to go on from a checkpoint where there is one. */
  readonly resume: boolean;
  /** How to go on where the run went wrong. */
  readonly rollBack: RollBack | undefined;
  /** Is told of checkpoints that cannot be used. */
  readonly note: (text: string) => void;
}

/** Opens the checkpoints of a run, and finds the position that it begins or goes on at. */
export async function openPosition(
  parts: PositionParts,
  { openCheckpoints, resume, rollBack, note }: Opening,
): Promise<{ readonly at: Position; readonly checkpoints: CheckpointStore }> {
  const whole = initialState(parts.config, parts.optimizer);
  const checkpoints = openCheckpoints(whole);
  const latest = resume ? await latestPosition(parts, checkpoints, note, whole, rollBack?.to) : undefined;
  const at = latest ?? (await firstPosition(parts, whole));
  if (rollBack) {
    at.window = createMetricWindow();
    at.skipped = rollBack.nextBatch - at.step;
    at.stability = { ...at.stability, rollbacks: rollBack.rollbacks };
  }
  return { at, checkpoints };
}

/**
 * Where a run begins: with a new model, or with what its configuration says.
 *
 * @param whole the state of a new model
 */
export async function firstPosition(
  { config, optimizer, share }: PositionParts,
  whole = initialState(config, optimizer),
): Promise<Position> {
  const begun = config.start ? await startFrom(config.start, config, whole) : { state: whole, step: 0, skipped: 0 };
  return {
    ...begun,
    state: share.cut(begun.state),
    window: createMetricWindow(),
    best: undefined,
    stability: noMemory(begun.step),
  };
}

/**
 * Where a run goes on: at its newest checkpoint that is whole. Undefined where there is none at all.
 *
 * @param whole the state of a new model
 * @param upTo the last step to go on at; checkpoints after it are deleted
 */
export async function latestPosition(
  { config, optimizer, share }: PositionParts,
  checkpoints: CheckpointStore,
  note: (text: string) => void,
  whole = initialState(config, optimizer),
  upTo?: number,
): Promise<Position | undefined> {
  const checkpoint = await checkpoints.latest(note, upTo);
  if (checkpoint === undefined) return undefined;
  const { step, skipped = 0, best, window, stability = noMemory(step) } = checkpoint;
  const state = restore(checkpoint, share.cut(whole));
  return { state, step, skipped, best, window: createMetricWindow(window), stability };
}

/** What is remembered where a run begins, and of checkpoints by earlier versions. */
function noMemory(step: number): StabilityMemory {
  return { losses: [], rollbacks: 0, lastDue: step };
}
