import type { ResolvedConfig } from "../config/train-config.ts";
import { imageFlops } from "../image-flops.ts";
import type { ProgressState } from "../progress.ts";
import type { Metrics } from "../runs/info.ts";
import { type Activity, createStopwatch } from "../stopwatch.ts";

/** What a row says of time, as metrics and for the display. */
export interface Pace {
  readonly metrics: Metrics;
  readonly shown: Omit<ProgressState, "step" | "loss">;
}

/** Measures how fast steps are done and what the time goes into. */
export interface Meter {
  /** Ends what the loop was busy with, and begins something else. */
  enter(activity: Activity): void;
  /**
   * Begins to count, at the first call: the first step waits for the workers and the compiler.
   *
   * @returns what the step took, in seconds; undefined when counting has begun
   */
  begin(step: number): number | undefined;
  /** The pace of the steps since the last call. */
  take(step: number): Pace;
}

/** A meter of a run. @param peakFlops FLOP/s that utilisation is a share of */
export function createMeter({ batchSize, steps, model }: ResolvedConfig, peakFlops: number): Meter {
  const watch = createStopwatch();
  let begun: { readonly step: number; readonly time: number } | undefined;
  let taken = 0;

  return {
    enter: watch.enter,
    begin(step) {
      if (begun !== undefined) return undefined;
      const { step: seconds } = watch.take();
      begun = { step, time: performance.now() };
      taken = step;
      return seconds;
    },
    take(step) {
      const time = watch.take();
      const count = step - taken;
      taken = step;
      const checkpoint: Metrics = time.checkpoint > 0 ? { "time/checkpoint-ms": 1000 * time.checkpoint } : {};
      if (count === 0 || begun === undefined) return { metrics: checkpoint, shown: {} };
      const seconds = time.data + time.step + time.other;
      const imagesPerSecond = (count * batchSize) / seconds;
      const mfu = (imagesPerSecond * imageFlops(model)) / peakFlops;
      const secondsPerStep = (performance.now() - begun.time) / 1000 / (step - begun.step);
      return {
        metrics: {
          "time/step-ms": (1000 * time.step) / count,
          "time/data-ms": (1000 * time.data) / count,
          "time/other-ms": (1000 * time.other) / count,
          "time/images-per-second": imagesPerSecond,
          "time/mfu": mfu,
          ...checkpoint,
        },
        shown: { imagesPerSecond, mfu, dataShare: time.data / seconds, secondsLeft: secondsPerStep * (steps - step) },
      };
    },
  };
}
