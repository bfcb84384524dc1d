import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { readCheckpoint } from "../src/checkpoints/file.ts";
import { checkpointFiles } from "../src/checkpoints/files.ts";
import { readRunInfo, runPaths } from "../src/runs/info.ts";
import { readMetrics } from "../src/runs/rows.ts";

/** All numbers of the metrics but timings and memory: what two runs of the same configuration have in common. */
export function numbersOf(folder: string) {
  return readMetrics(folder).map(({ step, metrics }) => ({
    step,
    metrics: Object.fromEntries(Object.entries(metrics).filter(([name]) => !/^(time|memory)\//.test(name))),
  }));
}

/** Checksums of all tensors of the newest checkpoint. */
export async function lastTensors(folder: string): Promise<string[]> {
  const { tensors } = await readCheckpoint(checkpointFiles(runPaths(folder).checkpoints)[0] as string);
  return Array.from(tensors, ([name, { data }]) => `${name} ${createHash("sha256").update(data).digest("hex")}`);
}

/** Everything that must be the same, bit by bit, however often a run was killed and resumed. */
export async function outcomeOf(folder: string) {
  const { status, step, summary, best } = readRunInfo(folder);
  const paths = runPaths(folder);
  return {
    ...{ status, step, summary, best },
    numbers: numbersOf(folder),
    tensors: await lastTensors(folder),
    evaluations: readdirSync(paths.evaluations).sort(),
    checkpoints: readdirSync(paths.checkpoints).sort(),
  };
}
