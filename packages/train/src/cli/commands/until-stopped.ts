import { listenForStop } from "../../stop-signal.ts";
import type { Output } from "./output.ts";

/**
 * Does work that Ctrl-C stops in good order.
 *
 * @param work is done when it resolves to true; it ends early when the signal aborts
 * @returns the exit code: 0 when it is done, otherwise that of the signal
 */
export async function untilStopped(output: Output, work: (signal: AbortSignal) => Promise<boolean>): Promise<number> {
  const stop = listenForStop((name) => {
    output.error(`\n${name}: finishing the step, then writing a checkpoint; once more to end at once\n`);
  });
  try {
    const isDone = await work(stop.signal);
    return isDone ? 0 : (stop.exitCode ?? 1);
  } finally {
    stop.release();
  }
}
