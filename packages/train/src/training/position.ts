import { restore } from "../checkpoints/restore.ts";
import type { CheckpointStore } from "../checkpoints/store.ts";
import type { ResolvedConfig } from "../config/train-config.ts";
import type { DivergenceError } from "../diagnostics/divergence.ts";
import { initialState, type RunState } from "../initial-state.ts";
import type { Share } from "../mesh/share.ts";
import { createMetricWindow, type MetricWindow } from "../metric-window.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { BestStep } from "../runs/info.ts";
import { startFrom } from "../transfer/start.ts";

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
  /** What went wrong after the last checkpoint: the data of these steps are passed over. */
  readonly passOver: DivergenceError | undefined;
  /** Is told of checkpoints that cannot be used. */
  readonly note: (text: string) => void;
}

/** Opens the checkpoints of a run, and finds the position that it begins or goes on at. */
export async function openPosition(
  parts: PositionParts,
  { openCheckpoints, resume, passOver, note }: Opening,
): Promise<{ readonly at: Position; readonly checkpoints: CheckpointStore }> {
  const whole = initialState(parts.config, parts.optimizer);
  const checkpoints = openCheckpoints(whole);
  const latest = resume ? await latestPosition(parts, checkpoints, note, whole) : undefined;
  const at = latest ?? (await firstPosition(parts, whole));
  if (passOver) {
    at.window = createMetricWindow();
    at.skipped += passOver.step - at.step;
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
  return { ...begun, state: share.cut(begun.state), window: createMetricWindow(), best: undefined };
}

/**
 * Where a run goes on: at its newest checkpoint that is whole. Undefined where there is none at all.
 *
 * @param whole the state of a new model
 */
export async function latestPosition(
  { config, optimizer, share }: PositionParts,
  checkpoints: CheckpointStore,
  note: (text: string) => void,
  whole = initialState(config, optimizer),
): Promise<Position | undefined> {
  const checkpoint = await checkpoints.latest(note);
  if (checkpoint === undefined) return undefined;
  const { step, skipped = 0, best, window } = checkpoint;
  return { state: restore(checkpoint, share.cut(whole)), step, skipped, best, window: createMetricWindow(window) };
}
