import { tfjsEngine } from "@vitscale/core";
import { generatedShapes } from "@vitscale/data";
import { findLaunch } from "@vitscale/sharding";
import { type ResolvedConfig, type RunAxes, resolveConfig, trainOnMpi } from "@vitscale/train";
import { vit22b } from "@vitscale/vit";
import { untilStopped } from "../packages/train/src/cli/commands/until-stopped.ts";
import { readMetrics } from "../packages/train/src/runs/rows.ts";

/** The run of the test of training over MPI; its steps are quick. */
export const configOf = (steps: number): ResolvedConfig =>
  resolveConfig(
    {
      model: vit22b("mu/4", { imageSide: 8, classes: 16, width: 32, heads: 4, mlpWidth: 64, depth: 1 }),
      data: { source: generatedShapes({ length: 32, side: 8 }) },
      loader: { workers: 0 },
      ...{ batchSize: 8, steps, learningRate: 3e-3, schedule: { kind: "constant" }, logEverySteps: 1 },
      checkpoints: { everySteps: 2 },
    },
    "mpi",
  );

/** What a rank is started with. */
export interface RankOrder {
  readonly out: string;
  readonly mesh: RunAxes;
  readonly steps: number;
  readonly resume?: boolean;
  /** Rank 1 dies, without a word, once the record has this step. */
  readonly killAt?: number;
}

/** Trains as the rank that this process was started as, and ends as the command line program does. */
async function run({ out, mesh, steps, resume = false, killAt = Infinity }: RankOrder): Promise<number> {
  const { PMI_RANK, OMPI_COMM_WORLD_RANK = PMI_RANK } = process.env;
  const print = (text: string) => process.stderr.write(text);
  return untilStopped({ out: print, error: print }, async (stop) => {
    // Ranks look at it after every step.
    const signal = {
      get aborted() {
        const isTime = OMPI_COMM_WORLD_RANK === "1" && (readMetrics(out).at(-1)?.step ?? 0) >= killAt;
        if (isTime) process.kill(process.pid, "SIGKILL");
        return stop.aborted;
      },
    } as AbortSignal;
    const options = { out, mesh, resume, signal, engine: tfjsEngine("cpu"), peakFlops: 1e9 };
    const launch = findLaunch();
    if (!launch) throw new Error("to be started by mpirun");
    return (await trainOnMpi(configOf(steps), launch, options)).status === "finished";
  });
}

const [, , order] = process.argv;
if (order?.startsWith("{")) process.exitCode = await run(JSON.parse(order) as RankOrder);
