import { join } from "node:path";
import type { Sweep } from "./config/sweep.ts";
import type { ResolvedConfig } from "./config/train-config.ts";
import { hasRun, type Metrics, readRunInfo } from "./runs/info.ts";
import { type TrainOptions, train } from "./trainer.ts";

/** How a run of a sweep ended. */
export interface SweepRun {
  readonly name: string;
  readonly folder: string;
  readonly status: "finished" | "interrupted" | "failed";
  /** Last values of the evaluations' metrics. */
  readonly summary: Metrics;
  /** Why it failed. */
  readonly error?: string;
}

/** Options of {@link trainSweep}. */
export interface SweepTrainOptions extends Omit<TrainOptions, "out" | "group"> {
  /** Folder of the runs' folders; `runs/GROUP` by default. */
  readonly out?: string;
  /** Is told what happens between runs. */
  readonly note?: (text: string) => void;
}

/**
 * Trains the runs of a sweep one after another, each in a folder of its own under its name. One that fails does not stop the others; a
 * stop ends the one at work and begins no other.
 *
 * With `resume`, what is finished is left as it is, what was begun goes on, and what was not is begun: as often as it takes.
 *
 * @returns the runs that were finished, stopped or failed, in order
 * @throws Error when runs are there already and it is not to be resumed.
 */
export async function trainSweep(
  { group = "sweep", configs }: Sweep,
  { out = join("runs", group), resume = false, note = () => {}, ...options }: SweepTrainOptions = {},
): Promise<SweepRun[]> {
  const folderOf = ({ name }: ResolvedConfig) => join(out, name);
  const begun = configs.filter((config) => hasRun(folderOf(config)));
  if (!resume && begun.length > 0) {
    throw new Error(
      `${out} already holds ${begun.length} of the ${configs.length} runs; go on with them by --resume, or give another --out`,
    );
  }
  const runs: SweepRun[] = [];
  for (const [index, config] of configs.entries()) {
    if (options.signal?.aborted) break;
    const { name } = config;
    const folder = folderOf(config);
    note(`[${index + 1}/${configs.length}] ${name}`);
    const finished = finishedSummary(folder, config);
    if (finished) {
      note(`${name} is finished already`);
      runs.push({ name, folder, status: "finished", summary: finished });
      continue;
    }
    try {
      const { status, summary } = await train(config, { ...options, out: folder, group, resume });
      runs.push({ name, folder, status, summary });
    } catch (failure) {
      const error = failure instanceof Error ? failure.message : String(failure);
      note(`${name} failed: ${error}`);
      runs.push({ name, folder, status: "failed", summary: {}, error });
    }
  }
  return runs;
}

/** The summary of a run that has nothing left to do, and undefined for all others. */
function finishedSummary(folder: string, { steps }: ResolvedConfig): Metrics | undefined {
  if (!hasRun(folder)) return undefined;
  const { status, step, summary } = readRunInfo(folder);
  return status === "finished" && step >= steps ? summary : undefined;
}
