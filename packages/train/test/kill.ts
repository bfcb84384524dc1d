import { mkdirSync, watch } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { startProgram } from "./program.ts";

/**
 * When a process is killed, counted from its start: after a time; when a file of the run is changed for the nth time, which meets half-written
 * checkpoints and the moments between two files; or some milliseconds after it has shown its nth row.
 */
export type Moment =
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "change"; readonly number: number }
  | { readonly kind: "row"; readonly number: number; readonly ms: number };

/** How a process ended that was to be killed. */
export interface KilledRun {
  /** What was going on: the name of the file that was changed, or the kind of moment. Undefined where the run ended before. */
  readonly where: string | undefined;
  readonly code: number | null;
  readonly output: string;
}

/**
 * Begins a run, or goes on with it, in a process that is killed (SIGKILL) at a moment; never where there is none.
 *
 * @param run configuration and overrides
 */
export async function killOnce(run: readonly string[], folder: string, moment?: Moment): Promise<KilledRun> {
  const changes = changesIn(folder, moment?.kind === "change" ? moment.number : undefined);
  const program = startProgram("train", ...run, "--out", folder, "--resume");
  const come = async (): Promise<string> => {
    switch (moment?.kind) {
      case "time":
        return sleep(moment.ms, "a moment");
      case "row":
        await program.printed(new RegExp(`(?:^step \\d+/[^]*?){${moment.number}}`, "m"));
        return sleep(moment.ms, "a moment after a row");
      default:
        return changes.reached;
    }
  };
  const where = await Promise.race([program.ended.then(() => undefined), come()]);
  if (where !== undefined) program.child.kill("SIGKILL");
  const { code, output } = await program.ended;
  changes.close();
  return { where: where && withoutNumbers(where), code, output };
}

/** Counts changes of files in a folder, and resolves at one of them. */
export function changesIn(folder: string, at = Number.POSITIVE_INFINITY) {
  let count = 0;
  mkdirSync(folder, { recursive: true });
  let reach: (file: string) => void;
  const reached = new Promise<string>((resolve) => {
    reach = resolve;
  });
  const watcher = watch(folder, { recursive: true }, (_, file) => {
    count += 1;
    if (count === at) reach(`${file}`);
  });
  return { reached, count: () => count, close: () => watcher.close() };
}

/** Names of files of one kind are one name. */
function withoutNumbers(file: string): string {
  return file.replaceAll(/\d{8}/g, "N").replace(/\.\d+-\w+\.partial$/, ".partial");
}
