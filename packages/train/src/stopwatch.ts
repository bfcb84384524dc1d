/** What the training loop can be busy with. */
export type Activity = "data" | "step" | "evaluate" | "checkpoint" | "other";

/** Splits the wall time of a loop into activities; at any moment exactly one is running. */
export interface Stopwatch {
  /** Ends the running activity and begins another. */
  enter(activity: Activity): void;
  /** Seconds of each activity since the last call. */
  take(): Record<Activity, number>;
}

/** A stopwatch that begins with "other". @param now a clock in milliseconds */
export function createStopwatch(now: () => number = () => performance.now()): Stopwatch {
  const none = (): Record<Activity, number> => ({ data: 0, step: 0, evaluate: 0, checkpoint: 0, other: 0 });
  let seconds = none();
  let current: Activity = "other";
  let since = now();
  const settle = () => {
    const time = now();
    seconds[current] += (time - since) / 1000;
    since = time;
  };
  return {
    enter(activity) {
      settle();
      current = activity;
    },
    take() {
      settle();
      const taken = seconds;
      seconds = none();
      return taken;
    },
  };
}
