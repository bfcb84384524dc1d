import { availableParallelism } from "node:os";
import { ownProgram } from "../package-files.ts";
import { startLineProcess } from "../peers/line-process.ts";
import type { RanksAnswer, RanksOrder } from "./order.ts";

/** Measures on ranks in threads, in a process of their own: how many threads its engine has is decided once a process. */
export async function measureInThreads(order: RanksOrder, signal: AbortSignal): Promise<RanksAnswer> {
  const ranks = ranksOf(order);
  const { file, args } = ownProgram("overlap");
  const environment = {
    // Every rank computes in a thread of its own; what cores are left over, all share.
    VITSCALE_THREADS: `${Math.max(1, availableParallelism() - ranks + 1)}`,
    // Calls of the engine wait in this pool, and files are read in it.
    UV_THREADPOOL_SIZE: `${ranks + 4}`,
  };
  return answerOf({ file, args: [...args, JSON.stringify(order)], environment }, signal);
}

/** The answer of a process that measures: the first line of JSON that it prints. */
export async function answerOf(
  command: Parameters<typeof startLineProcess>[0],
  signal: AbortSignal,
): Promise<RanksAnswer> {
  const child = startLineProcess(command, signal);
  try {
    return await child.ask<RanksAnswer>({});
  } finally {
    await child.close();
  }
}

/** The number of ranks that an order is for. @throws RangeError when its cases are for several numbers, or there are none */
export function ranksOf({ layers, blocks }: RanksOrder): number {
  const numbers = new Set([...layers, ...blocks].map(({ ranks }) => ranks));
  const [ranks] = numbers;
  if (ranks === undefined || numbers.size > 1) {
    throw new RangeError(
      `an order is for one number of ranks, but its cases are for ${[...numbers].join(", ") || "none"}`,
    );
  }
  return ranks;
}
