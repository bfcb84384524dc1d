import { join } from "node:path";
import { readMetrics, resolveConfig, type TrainConfig, type TrainResult, train } from "@vitscale/train";
import type { Bench } from "../claim.ts";

/** A run of the product's own trainer, in the claim's scratch folder. */
export interface WholeRun extends Pick<TrainResult, "folder" | "summary"> {
  /** Rows of `train/loss`. */
  readonly losses: readonly number[];
}

/** Trains as `vitscale train` does, without its progress: for what only whole runs have, such as branches and teachers. */
export async function wholeRun(
  name: string,
  config: TrainConfig,
  { engine, signal, scratch }: Bench,
): Promise<WholeRun> {
  signal.throwIfAborted();
  const out = join(scratch, name);
  const stream = { isTTY: false, write: () => true };
  // The share of a peak is not looked at, so no peak is measured.
  const { folder, summary } = await train(resolveConfig(config, name), { out, engine, signal, stream, peakFlops: 1 });
  signal.throwIfAborted();
  return { folder, summary, losses: readMetrics(folder).flatMap(({ metrics }) => metrics["train/loss"] ?? []) };
}
