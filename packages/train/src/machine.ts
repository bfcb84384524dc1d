import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, totalmem } from "node:os";

/** What a run ran on: enough to tell whether two timings may be compared. */
export interface Machine {
  readonly platform: string;
  readonly cpu: string;
  /** Cores that this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
}

/** The machine that this process runs on. */
export function describeMachine(): Machine {
  return {
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
  };
}

/** The state of the source code: its commit, and whether files differ from it. */
export interface SourceState {
  readonly commit: string;
  readonly modified: boolean;
}

/** The state of the git repository around a folder, or null outside of one and where git is absent. */
export function describeSource(folder: string): SourceState | null {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return { commit: git("rev-parse", "HEAD"), modified: git("status", "--porcelain", "--untracked-files=no") !== "" };
  } catch {
    return null;
  }
}
