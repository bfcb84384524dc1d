import type { CheckpointConfig } from "../config/train-config.ts";
import type { BestStep, Metrics } from "../runs/info.ts";

/** Which checkpoints of a run stay. */
export interface KeepPolicy {
  /** This many of the newest. */
  readonly keep: number;
  /** Those of steps that are multiples of this number stay for ever. */
  readonly keepEverySteps?: number | null;
}

/**
 * The steps among `steps` whose checkpoints a policy lets go.
 *
 * @param needed steps that stay whatever the policy says
 */
export function stepsToDelete(steps: readonly number[], policy: KeepPolicy, needed: readonly number[] = []): number[] {
  const { keep, keepEverySteps } = policy;
  const newest = new Set([...steps].sort((a, b) => b - a).slice(0, keep));
  const isMilestone = (step: number) => typeof keepEverySteps === "number" && step % keepEverySteps === 0;
  return steps.filter((step) => !newest.has(step) && !isMilestone(step) && !needed.includes(step));
}

/**
 * The best step after an evaluation: this one where it beats what was best before, that otherwise. Equal values do not beat, and
 * NaN and infinities never do.
 */
export function bestOf(
  rule: CheckpointConfig["best"],
  before: BestStep | undefined,
  step: number,
  metrics: Metrics,
): BestStep | undefined {
  const value = rule ? metrics[rule.metric] : undefined;
  if (!rule || value === undefined || !Number.isFinite(value)) return before;
  const isBetter = before === undefined || (rule.prefer === "low" ? value < before.value : value > before.value);
  return isBetter ? { metric: rule.metric, value, step } : before;
}
