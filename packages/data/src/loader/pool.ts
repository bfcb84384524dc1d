import { Worker } from "node:worker_threads";
import { messageOf, WorkerError } from "../errors.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import type { WorkPlan } from "./plan.ts";

/** Time for workers to finish the row that they are at before they are stopped. */
const patienceMs = 5000;

/** Worker threads that all hear the same messages. */
export interface WorkerPool {
  /** Sends a message to every worker. */
  broadcast(message: ToWorker): void;
  /** Whether the workers keep the process alive: while somebody waits for a batch, and not otherwise. */
  hold(alive: boolean): void;
  /** Ends all threads; returns when they are gone. */
  close(): Promise<void>;
}

/** What the owner of a pool hears. */
export interface PoolEvents {
  readonly onMessage: (message: FromWorker) => void;
  /** A worker died, or could not start: RangeError where the mistake is in what it was told to do. */
  readonly onFailure: (error: WorkerError | RangeError) => void;
}

/**
 * Starts worker threads that share a plan.
 *
 * They keep the priority of the process. On Linux a thread could lower its own, and steps are then shorter, but they wait longer for their
 * batches, the more so the more else runs: on 2 busy cores (load 9 to 17), with nice 0 and 10 in turn, five times 6 s each, the median was
 * 4.4 and 4.5 batches/s, and nice 10 the slower one of three pairs out of five.
 */
export function startPool(count: number, plan: WorkPlan, { onMessage, onFailure }: PoolEvents): WorkerPool {
  let closing = false;
  const workers = Array.from({ length: count }, () => {
    const worker = spawn(plan);
    worker.on("message", onMessage);
    worker.on("error", (cause) => {
      // A description that makes no sense in a thread is a mistake, whatever is tried again.
      const isMistake = cause instanceof RangeError;
      onFailure(isMistake ? cause : new WorkerError(`a data worker crashed: ${messageOf(cause)}`, { cause }));
    });
    const exit = new Promise<void>((resolve) => {
      worker.on("exit", (code) => {
        if (!closing) onFailure(new WorkerError(`a data worker ended with code ${code} before it was told to`));
        resolve();
      });
    });
    worker.unref();
    return { worker, exit };
  });
  return {
    broadcast(message) {
      for (const { worker } of workers) worker.postMessage(message);
    },
    hold(alive) {
      for (const { worker } of workers) alive ? worker.ref() : worker.unref();
    },
    async close() {
      closing = true;
      this.broadcast({ kind: "close" });
      await Promise.all(
        workers.map(async ({ worker, exit }) => {
          worker.ref();
          const patience = setTimeout(() => worker.terminate(), patienceMs);
          await exit;
          clearTimeout(patience);
        }),
      );
    },
  };
}

/** A worker from the built file beside this one, or, when this runs from TypeScript source, from source through tsx. */
function spawn(plan: WorkPlan): Worker {
  if (!import.meta.url.endsWith(".ts")) {
    return new Worker(new URL("./worker.js", import.meta.url), { workerData: plan });
  }
  // Node 20 applies no loader to the entry of a worker, but to what the entry imports.
  const tsx = import.meta.resolve("tsx/esm/api");
  const entry = new URL("./worker.ts", import.meta.url).href;
  const code = `import { register } from "${tsx}"; register(); await import("${entry}");`;
  const execArgv = ["--conditions=@vitscale/source"];
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: plan, execArgv });
}
