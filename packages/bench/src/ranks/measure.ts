import { type ExecFileException, execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { ownProgram } from "../package-files.ts";
import type { RanksAnswer, RanksOrder } from "./order.ts";

/** Measures on ranks in threads, in a process of their own: how many threads its engine has is decided once a process. */
export function measureInThreads(order: RanksOrder, signal: AbortSignal): Promise<RanksAnswer> {
  const ranks = ranksOf(order);
  const { file, args } = ownProgram("overlap");
  const environment = {
    // Every rank computes in a thread of its own; what cores are left over, all share.
    VITSCALE_THREADS: `${Math.max(1, availableParallelism() - ranks + 1)}`,
    // Calls of the engine wait in this pool, and files are read in it.
    UV_THREADPOOL_SIZE: `${ranks + 4}`,
  };
  return answerOf(file, [...args, JSON.stringify(order)], { environment, signal });
}

/** How a process that measures is run. */
export interface AnswerOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** The answer of a process that measures: the line of JSON among what it prints. @throws Error with how it ended and what it wrote, if it fails */
export function answerOf(
  file: string,
  args: readonly string[],
  { environment, signal }: AnswerOptions,
): Promise<RanksAnswer> {
  // Ended in order, so that what it set up is taken down.
  const options = {
    env: { ...process.env, ...environment },
    signal,
    killSignal: "SIGTERM",
    maxBuffer: 2 ** 26,
  } as const;
  return new Promise((resolve, reject) => {
    execFile(file, args, options, (error, output, errors) => {
      const line = output.split("\n").find((text) => text.startsWith("{"));
      if (line !== undefined) resolve(JSON.parse(line) as RanksAnswer);
      else reject(new Error(describeSilence(file, error, errors.trim()), { cause: error }));
    });
  });
}

/** The first line says what happened, because reports show no more; what follows is for whoever looks for the cause. */
function describeSilence(file: string, error: ExecFileException | null, errors: string): string {
  const [first = ""] = errors.split("\n", 1);
  const how = error?.signal ? `ended by ${error.signal}` : `exit code ${error?.code ?? 0}`;
  return `${basename(file)} measured nothing (${how}): ${first || "it wrote no reason"}\n${errors.slice(-2000)}`.trimEnd();
}

/** The number of ranks that an order is for. @throws RangeError when its cases are for several numbers, or there are none */
export function ranksOf({ layers, blocks }: RanksOrder): number {
  const numbers = new Set([...layers, ...blocks].map(({ ranks }) => ranks));
  const [ranks] = numbers;
  if (ranks === undefined || numbers.size > 1) {
    const given = [...numbers].join(", ") || "none";
    throw new RangeError(`an order is for one number of ranks, but its cases are for ${given}; give an order for each`);
  }
  return ranks;
}
