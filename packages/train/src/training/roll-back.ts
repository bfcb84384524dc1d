import { DivergenceError, type StabilityConfig } from "../diagnostics/divergence.ts";
import type { Position } from "./position.ts";

/** How a run that went wrong goes on: from a checkpoint, with other data. */
export interface RollBack {
  /** What went wrong. */
  readonly reason: DivergenceError;
  /** Step of the checkpoint to go back to; an earlier one where that cannot be used. */
  readonly to: number;
  /** The first batch after those on which it went wrong. */
  readonly nextBatch: number;
  /** Times that the run has rolled back, this one included. */
  readonly rollbacks: number;
}

/**
 * The roll-back after an error, or undefined where the error ends the run. It follows from the position alone, which checkpoints hold: a
 * run that is stopped, killed and resumed rolls back where the undisturbed run does.
 *
 * @param at where the run was when it went wrong; undefined where it had not come to a position
 */
export function rollBackAfter(
  error: unknown,
  at: Position | undefined,
  { onDivergence, rollbacks: most = 0 }: StabilityConfig,
): RollBack | undefined {
  if (!(error instanceof DivergenceError) || !at || onDivergence !== "rollback") return undefined;
  const { rollbacks, lastDue } = at.stability;
  if (rollbacks >= most) return undefined;
  return { reason: error, to: lastDue, nextBatch: at.step + at.skipped, rollbacks: rollbacks + 1 };
}
