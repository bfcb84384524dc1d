import { MessageChannel } from "node:worker_threads";
import { startThread } from "../start-thread.ts";
import { connectRanks } from "./connect.ts";
import { type LostNotice, type RankPlan, ring } from "./world.ts";

/** Options of {@link launchThreads}. */
export interface LaunchOptions<Input> {
  /** Number of ranks, one thread each. */
  readonly size: number;
  /** A module whose export `run(transport, input)` is what every rank does; see {@link RankProgram}. */
  readonly module: URL;
  /** Goes to every rank as a structured clone. */
  readonly input: Input;
  /** How long a rank waits for another before it fails; 2 minutes by default. */
  readonly patienceMs?: number;
  /** Time that ranks have to end by themselves after one failed; 5 seconds by default. */
  readonly graceMs?: number;
}

/** What a thread starts with. */
export interface ThreadStart extends RankPlan {
  readonly module: string;
  readonly input: unknown;
}

/** What a thread says at its end. */
export type ThreadEnd = { readonly result: unknown } | { readonly message: string; readonly stack: string };

/**
 * Runs a program on `size` ranks in worker threads of this process, and returns what each returned, in order.
 *
 * When a rank fails or dies, the others are told: whatever they wait for from it fails with a `RankLostError`. They may
 * finish (write a checkpoint) within `graceMs` and are then stopped.
 *
 * @throws Error of the rank that failed first, with its number.
 */
export async function launchThreads<Input, Output>({
  size,
  module,
  input,
  patienceMs = 120_000,
  graceMs = 5_000,
}: LaunchOptions<Input>): Promise<Output[]> {
  const ports = connectRanks(size);
  const arrivals = new Int32Array(new SharedArrayBuffer(4 * size));
  const controls = Array.from({ length: size }, () => new MessageChannel());
  let first: Error | undefined;
  let grace: NodeJS.Timeout | undefined;

  const workers = controls.map(({ port2: control }, rank) => {
    const peers = ports[rank] ?? [];
    const start: ThreadStart = { rank, size, patienceMs, arrivals, peers, control, module: module.href, input };
    const transferList = [control, ...peers.filter((port) => port !== undefined)];
    return startThread("thread-entry", new URL("./entry.ts", import.meta.url), { workerData: start, transferList });
  });

  /** Tells the others that a rank will send nothing more. */
  const announce = (lost: number, reason: string) => {
    const notice: LostNotice = { lost, reason };
    for (const [other, { port1 }] of controls.entries()) {
      if (other === lost) continue;
      port1.postMessage(notice);
      ring(arrivals, other);
    }
  };
  const fail = (rank: number, reason: string, cause?: string) => {
    announce(rank, reason);
    if (first) return;
    first = new Error(`rank ${rank} failed: ${reason}`, { cause });
    grace = setTimeout(() => {
      for (const worker of workers) void worker.terminate();
    }, graceMs);
  };

  const results = await Promise.all(
    workers.map(
      (worker, rank) =>
        new Promise<Output | undefined>((resolve) => {
          let end: ThreadEnd | undefined;
          worker.on("message", (message: ThreadEnd) => {
            end = message;
            if ("message" in message) fail(rank, message.message, message.stack);
            else announce(rank, "its program has ended");
          });
          worker.on("error", (error: Error) => fail(rank, error.message, error.stack));
          worker.on("exit", (code) => {
            if (!end) fail(rank, `its thread ended with code ${code} before its program did`);
            resolve(end && "result" in end ? (end.result as Output) : undefined);
          });
        }),
    ),
  );
  clearTimeout(grace);
  for (const { port1 } of controls) port1.close();
  if (first) throw first;
  return results as Output[];
}
