import { launchThreads } from "@vitscale/sharding";
import type { ResolvedConfig } from "../config/train-config.ts";
import type { TrainOptions, TrainResult } from "../trainer.ts";
import { meshOf, type RunAxes } from "./mesh.ts";
import { patienceMs } from "./patience.ts";
import type { ThreadInput } from "./rank.ts";

/**
 * Trains a run on ranks in threads of this process.
 *
 * @throws RangeError before anything starts when the mesh does not fit the configuration; the error of the rank that failed first, with
 *   its number.
 */
export async function trainOnThreads(
  config: ResolvedConfig,
  axes: RunAxes,
  { engine, stream, signal, mesh: _, ...options }: TrainOptions,
): Promise<TrainResult> {
  if (engine || stream) {
    throw new RangeError(
      "ranks in threads have engines of their own, and one console: leave engine and stream out, or call trainAsRank on each rank",
    );
  }
  const { size } = meshOf(axes, config);
  const stop = new SharedArrayBuffer(4);
  const onAbort = () => void Atomics.store(new Int32Array(stop), 0, 1);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort);
  const { isTTY, columns } = process.stderr;
  const input: ThreadInput = { config, axes, options, stop, terminal: { isTTY, columns } };
  const file = import.meta.url.endsWith(".ts") ? "./rank.ts" : "./train-rank.js";
  try {
    const module = new URL(file, import.meta.url);
    const [result] = await launchThreads<ThreadInput, TrainResult>({
      ...{ size, module, input },
      patienceMs: patienceMs(process.env),
    });
    return result as TrainResult;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}
