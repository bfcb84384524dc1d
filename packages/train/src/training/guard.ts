import type * as tf from "@tensorflow/tfjs-core";
import type { ViTParameters } from "@vitscale/vit";
import { DivergenceError, stepRange, watchDivergence } from "../diagnostics/divergence.ts";
import type { FiniteCheck } from "../diagnostics/first-infinite.ts";
import { areImagesInfinite, describeCause } from "../diagnostics/locate.ts";
import { replay } from "../diagnostics/replay.ts";
import { spoiltSamples } from "../diagnostics/spoilt-samples.ts";
import type { WindowValues } from "../metric-window.ts";
import type { Metrics } from "../runs/info.ts";
import type { Feeds } from "./feeds.ts";
import type { Position } from "./position.ts";
import type { Programs } from "./programs.ts";
import type { RunAtWork } from "./run-at-work.ts";
import type { StepInputsAt } from "./step-inputs.ts";

/** Looks for signs that training has gone wrong, so that neither rows nor checkpoints are written of what has. */
export interface Guard {
  /**
   * Looks at the state that the run begins or goes on with, which also compiles what looks at others: no checkpoint waits for that.
   *
   * @throws RangeError naming a parameter that is not finite.
   */
  begin(): Promise<void>;
  /** @throws DivergenceError, with what went wrong first, when the row of the steps since the last one says so. */
  row(metrics: Metrics): Promise<void>;
  /** @throws DivergenceError, with what went wrong first, when a step since the last row says so, or the parameters are not finite. */
  state(window: WindowValues): Promise<void>;
  /** The same where a run ends before its time: without going through the steps again to find what went wrong first. */
  lastState(window: WindowValues): Promise<void>;
}

/** What it takes to go through steps again. */
export interface Replaying {
  readonly takeInspectedStep: Programs["takeInspectedStep"];
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
  // The last step whose numbers are known to be finite, and the last before the row that is under way.
  let finiteUpTo = at.step;
  let rowAfter = at.step - at.window.steps;

  /** A parameter that is not finite. A rank looks at its part of them; all must come to the same end. */
  const firstInfinite = async () =>
    share.find(`infinite parameters at step ${at.step}`, await finite.firstInfinite(at.state.params));

  const lastState = async (window: WindowValues) => {
    watch.check(window, finiteUpTo, at.step);
    const infinite = await firstInfinite();
    if (infinite !== undefined) {
      throw new DivergenceError(`parameter ${infinite} holds a number that is not finite`, finiteUpTo, at.step);
    }
    finiteUpTo = at.step;
  };

  const explained = async (check: () => void | Promise<void>) => {
    try {
      await check();
    } catch (error) {
      throw error instanceof DivergenceError ? await explain(error, run, replaying) : error;
    }
  };

  return {
    async begin() {
      const infinite = await firstInfinite();
      if (infinite === undefined) return;
      throw new RangeError(
        `parameter ${infinite} of what the run begins with holds a number that is not finite; begin it with other weights`,
      );
    },
    async row(metrics) {
      await explained(() => {
        watch.check(metrics, finiteUpTo, at.step);
        watch.row(metrics, rowAfter, at.step);
      });
      at.stability = { ...at.stability, losses: watch.losses };
      finiteUpTo = at.step;
      rowAfter = at.step;
    },
    state: (window) => explained(() => lastState(window)),
    lastState,
  };
}

/** Goes through the steps since the last checkpoint again, to say what went wrong first. */
async function explain(
  { symptom, after, step }: DivergenceError,
  { at, config, tell }: RunAtWork,
  { takeInspectedStep, feeds, inputsAt, lastGood }: Replaying,
): Promise<DivergenceError> {
  tell("diverged", `${symptom} ${stepRange(after, step)}; looking for where it began`);
  const { state, step: from } = await lastGood();
  const { next: nextBatch } = await feeds.training(from + at.skipped);
  const { observed, batch } = await replay({ from, to: step, state, takeInspectedStep, inputsAt, nextBatch });
  const samples = batch === undefined ? [] : spoiltSamples(batch);
  const findings = [
    describeCause(observed, from + 1),
    samples.length > 0
      ? `sample ${samples.join(", ")} of the training data has numbers that are not finite`
      : undefined,
  ].filter((finding) => finding !== undefined);
  return new DivergenceError(symptom, after, step, {
    finding: findings.length > 0 ? findings.join("; ") : undefined,
    isOfData: samples.length > 0 || observed.some(areImagesInfinite),
    hasQkNorm: config.model.qkNorm !== "none",
  });
}
