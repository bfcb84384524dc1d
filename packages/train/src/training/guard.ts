import type * as tf from "@tensorflow/tfjs-core";
import type { ViTParameters } from "@vitscale/vit";
import { DivergenceError, watchDivergence } from "../diagnostics/divergence.ts";
import type { FiniteCheck } from "../diagnostics/first-infinite.ts";
import { describeCause } from "../diagnostics/locate.ts";
import { replay } from "../diagnostics/replay.ts";
import type { WindowValues } from "../metric-window.ts";
import type { Metrics } from "../runs/info.ts";
import type { Feeds } from "./feeds.ts";
import type { Position } from "./position.ts";
import type { Programs } from "./programs.ts";
import type { RunAtWork } from "./run-at-work.ts";
import type { StepInputsAt } from "./step-inputs.ts";

/** Looks for signs that training has gone wrong, so that neither rows nor checkpoints are written of what has. */
export interface Guard {
  /** @throws DivergenceError when the row of the steps since the last one says so. */
  row(metrics: Metrics): Promise<void>;
  /** @throws DivergenceError when a step since the last row says so, or the parameters are no longer finite. */
  state(window: WindowValues): Promise<void>;
}

/** What it takes to go through steps again. */
export interface Replaying {
  readonly takeObservedStep: Programs["takeObservedStep"];
  readonly feeds: Feeds;
  readonly inputsAt: StepInputsAt;
  /** The position of the last checkpoint, or of the beginning. */
  readonly lastGood: () => Promise<Position>;
}

/** A guard that takes the position of the run as it is for good. */
export function createGuard(
  run: RunAtWork,
  finite: FiniteCheck<ViTParameters<tf.Tensor>>,
  replaying: Replaying,
): Guard {
  const { at, share, config } = run;
  const watch = watchDivergence(config.stability, at.stability.losses);
  let good = at.step;

  const explained = async (check: () => void) => {
    try {
      check();
    } catch (error) {
      throw error instanceof DivergenceError ? await explain(error, run, replaying) : error;
    }
  };

  return {
    async row(metrics) {
      await explained(() => watch.row(metrics, good, at.step));
      at.stability = { ...at.stability, losses: watch.losses };
      good = at.step;
    },
    async state(window) {
      await explained(() => watch.check(window, good, at.step));
      // A rank looks at its part of the parameters; all must come to the same end.
      const own = await finite.firstInfinite(at.state.params);
      const infinite = await share.find(`infinite parameters at step ${at.step}`, own);
      await explained(() => {
        if (infinite !== undefined) {
          throw new DivergenceError(`parameter ${infinite} holds a number that is not finite`, good, at.step);
        }
      });
    },
  };
}

/** Goes through the steps since the last checkpoint again, to say what went wrong first. */
async function explain(
  { symptom, after, step }: DivergenceError,
  { at, tell }: RunAtWork,
  { takeObservedStep, feeds, inputsAt, lastGood }: Replaying,
): Promise<DivergenceError> {
  tell("diverged", `${symptom} in the steps ${after + 1} to ${step}; looking for where it began`);
  const { state, step: from } = await lastGood();
  const { next: nextBatch } = await feeds.training(from + at.skipped);
  const observed = await replay({ from, to: step, state, takeObservedStep, inputsAt, nextBatch });
  return new DivergenceError(symptom, after, step, describeCause(observed, from + 1));
}
