import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { removePartials } from "../atomic-write.ts";
import { hasRun, noRunIn, readRunInfo, runPaths, stepFileName, stepOfFileName } from "../runs/info.ts";

/** Checkpoint files of a folder, newest first. */
export function checkpointFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^step-\d{8,}\.safetensors$/.test(name));
  return names.map((name) => join(folder, name)).sort((a, b) => checkpointStep(b) - checkpointStep(a));
}

/** Name of the checkpoint of a step. */
export function checkpointName(step: number): string {
  return stepFileName("step", step, "safetensors");
}

/** Name of a folder for what ranks write of a checkpoint. @param mark tells it from others of the same step */
export function shardFolderName(step: number, mark: string): string {
  return stepFileName("step", step, `${mark}.shards`);
}

/** Deletes the checkpoint of a step, its file first: without it there is no checkpoint. */
export function removeCheckpoint(folder: string, step: number): void {
  rmSync(join(folder, checkpointName(step)));
  removeShards(folder, step);
}

/** Deletes the checkpoints of steps after `last`. */
export function removeAfter(folder: string, last = Number.POSITIVE_INFINITY): void {
  for (const step of checkpointFiles(folder).map(checkpointStep)) if (step > last) removeCheckpoint(folder, step);
}

/** Deletes what ranks wrote of a step, but for the folder `except`. */
export function removeShards(folder: string, step: number, except?: string): void {
  const prefix = stepFileName("step", step, "");
  for (const name of shardFolders(folder)) {
    if (name.startsWith(prefix) && name !== except) rmSync(join(folder, name), { recursive: true });
  }
}

/** Deletes what a process that was killed while it wrote has left behind. */
export function removeLeftovers(folder: string): void {
  if (!existsSync(folder)) return;
  removePartials(folder);
  for (const name of shardFolders(folder)) {
    const [step = ""] = name.split(".");
    if (!existsSync(join(folder, `${step}.safetensors`))) rmSync(join(folder, name), { recursive: true });
  }
}

function shardFolders(folder: string): string[] {
  return readdirSync(folder).filter((name) => /^step-\d{8,}\.\w+\.shards$/.test(name));
}

/** Step of a checkpoint file, from its name. */
export function checkpointStep(path: string): number {
  return stepOfFileName(basename(path)) ?? Number.NaN;
}

/**
 * Path of a checkpoint of a run: the newest, the one with the best value of the metric that checkpoints are kept by, or the one of a
 * step. Its content is not looked at.
 *
 * @throws Error when there is no run, or it has no such checkpoint, listing those that it has.
 */
export function findCheckpoint(run: string, which: "latest" | "best" | number = "latest"): string {
  const { checkpoints } = runPaths(run);
  const files = checkpointFiles(checkpoints);
  // A run whose record is gone still has its checkpoints.
  if (files.length === 0 && !hasRun(run)) throw new Error(noRunIn(run));
  const step = which === "best" ? readRunInfo(run).best?.step : which;
  const found = which === "latest" ? files[0] : files.find((path) => checkpointStep(path) === step);
  if (found !== undefined) return found;
  const wanted = typeof which === "number" ? `of step ${which}` : `that is the ${which}`;
  const steps = files.map(checkpointStep).reverse().join(", ");
  const hint = which === "best" ? "; checkpoints.best in a configuration keeps one" : "";
  throw new Error(
    `${run} has no checkpoint ${wanted}; it has ${steps === "" ? "none" : `those of steps ${steps}`}${hint}`,
  );
}
