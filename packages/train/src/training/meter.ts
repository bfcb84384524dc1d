import type { ResolvedConfig } from "../config/train-config.ts";
import { imageFlops } from "../image-flops.ts";
import type { Peak } from "../peak.ts";
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
  take(step: number): Promise<Pace>;
}

/** Time between measurements of the peak: one takes a few milliseconds. */
const peakEveryMs = 15_000;

/**
 * A meter of a run. Where the machine was busy when the peak was measured, steps may seem to be faster than it; so it is measured again
 * from time to time, and whenever they do.
 *
 * @param peak what utilisation is a share of, for one rank
 * @param now a clock in milliseconds
 */
export function createMeter(
  { batchSize, steps, model }: ResolvedConfig,
  peak: Peak,
  ranks: number,
  now = () => performance.now(),
): Meter {
  const watch = createStopwatch(now);
  let peakMeasured = now();
  let begun: { readonly step: number; readonly time: number } | undefined;
  let taken = 0;

  return {
    enter: watch.enter,
    begin(step) {
      if (begun !== undefined) return undefined;
      const { step: seconds } = watch.take();
      begun = { step, time: now() };
      taken = step;
      return seconds;
    },
    async take(step) {
      const time = watch.take();
      const count = step - taken;
      taken = step;
      const checkpoint: Metrics = time.checkpoint > 0 ? { "time/checkpoint-ms": 1000 * time.checkpoint } : {};
      if (count === 0 || begun === undefined) return { metrics: checkpoint, shown: {} };
      const seconds = time.data + time.step + time.other;
      const imagesPerSecond = (count * batchSize) / seconds;
      const secondsPerStep = (now() - begun.time) / 1000 / (step - begun.step);
      const flops = imagesPerSecond * imageFlops(model);
      if (flops > peak.flops * ranks || now() - peakMeasured >= peakEveryMs) {
        await peak.measure();
        peakMeasured = now();
      }
      const mfu = flops / (peak.flops * ranks);
      return {
        metrics: {
          "time/step-ms": (1000 * time.step) / count,
          "time/data-ms": (1000 * time.data) / count,
          "time/other-ms": (1000 * time.other) / count,
          "time/images-per-second": imagesPerSecond,
          "time/mfu": mfu,
          "time/peak-flops": peak.flops * ranks,
          ...checkpoint,
        },
        shown: { imagesPerSecond, mfu, dataShare: time.data / seconds, secondsLeft: secondsPerStep * (steps - step) },
      };
    },
  };
}
