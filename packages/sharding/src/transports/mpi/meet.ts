import type { Worker } from "node:worker_threads";
import type { MpiNews } from "./connect.ts";
import { MpiError, MpiStartError } from "./errors.ts";
import { exitNow, printFailure } from "./exit.ts";
import type { Launch } from "./launcher.ts";
import { findLocalRanks } from "./local-ranks.ts";
import { processTable } from "./processes.ts";

/** How often the processes of this host's ranks are looked at. */
const lookMs = 200;

/** What the thread of MPI says when the world is open. */
export type Ready = Extract<MpiNews, { kind: "ready" }>;

/**
 * Waits until all ranks have come, and looks meanwhile whether those of this host are there: MPI tells of no rank that ends before.
 *
 * @throws MpiStartError when they have not come within `startMs`, or one of this host has ended; what the thread of MPI throws.
 */
export async function meetRanks(worker: Worker, launch: Launch | undefined, startMs: number): Promise<Ready> {
  const local =
    launch && findLocalRanks({ table: processTable, environment: process.env, pid: process.pid, size: launch.size });
  let timer: NodeJS.Timeout | undefined;
  let look: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Ready>((resolve, reject) => {
      const giveUp = (reason: string) => {
        leaveThreadBehind(worker);
        reject(new MpiStartError(reason));
      };
      timer = setTimeout(() => giveUp(describeLate(launch, startMs)), startMs);
      look = setInterval(() => {
        const ended = local?.findEnded();
        if (ended)
          giveUp(`${ended} ended before all ranks had met; what was printed may say why, unless it was killed`);
      }, lookMs);
      worker.once("message", (news: MpiNews) => {
        if (news.kind === "ready") resolve(news);
        else reject(failureOf(news));
      });
      worker.once("error", reject);
    });
  } finally {
    clearTimeout(timer);
    clearInterval(look);
  }
}

/** The thread is inside of MPI, where nothing can end it: neither a program that goes on nor an ordinary exit may wait for it. */
function leaveThreadBehind(worker: Worker): void {
  worker.unref();
  process.on("uncaughtExceptionMonitor", (error) => printFailure("a rank", error));
  process.once("exit", (code) => exitNow(code));
}

function describeLate(launch: Launch | undefined, startMs: number): string {
  const others = launch
    ? `of the ${launch.size} processes that ${launch.launcher} started`
    : "of the world's processes";
  const what = `MPI did not start within ${startMs / 1000} s: not all ${others} have called connectMpi`;
  return `${what}. See which of them is late or has ended, or allow more with startMs`;
}

/** The error that the thread of MPI reports. */
export function failureOf(news: MpiNews): Error {
  if (news.kind !== "failed") return new Error(`internal: the thread of MPI began with "${news.kind}"`);
  return news.name === "MpiStartError" ? new MpiStartError(news.message) : new MpiError("MPI", news.message);
}
