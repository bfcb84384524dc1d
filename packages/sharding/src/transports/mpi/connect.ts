import type { Worker } from "node:worker_threads";
import { koffi } from "@vitscale/core/native-libraries";
import { startThread } from "../start-thread.ts";
import { MpiStartError } from "./errors.ts";
import { exitNow, printFailure } from "./exit.ts";
import { chooseLibrary, findLaunch, type LibraryChoice } from "./launcher.ts";
import { failureOf, meetRanks } from "./meet.ts";
import { Shared } from "./memory.ts";
import { MpiTransport } from "./transport.ts";

/** Options of {@link connectMpi}. */
export interface MpiOptions {
  /** How long a transfer waits before it fails with a `LateError`; 2 minutes by default. */
  readonly patienceMs?: number;
  /** How long the ranks have to come together at the start; 1 minute by default. */
  readonly startMs?: number;
  /** Time that ranks have to end by themselves after one failed; 5 seconds by default. */
  readonly graceMs?: number;
  /** Messages are cut into parts of at most so many bytes; for tests. The default is 2³⁰, because MPI counts with an `int`. */
  readonly chunkBytes?: number;
}

/** What the thread of MPI starts with. */
export interface MpiStart {
  readonly memory: SharedArrayBuffer;
  readonly choice: LibraryChoice;
  readonly graceMs: number;
  readonly chunkBytes: number | undefined;
}

/** What the thread of MPI says. */
export type MpiNews =
  | { readonly kind: "ready"; readonly rank: number; readonly size: number; readonly version: string }
  | { readonly kind: "failed"; readonly name: string; readonly message: string }
  /** There are events in the ring. */
  | { readonly kind: "events" }
  /** All ranks have left, and MPI ends the world. */
  | { readonly kind: "finalizing" };

/** A rank of a world that `mpirun`, `srun` or another launcher started. */
export interface MpiConnection {
  readonly transport: MpiTransport;
  /** What the library says of itself, such as "MPICH Version: 4.0.2". */
  readonly version: string;
  /** Why this library. */
  readonly reason: string;
}

let isConnected = false;

/**
 * Makes this process a rank, with the MPI library that its launcher belongs to. Returns when all ranks have come.
 *
 * A process that ends without `close` says good-bye all the same, unless it is killed; then the others notice.
 *
 * @throws MpiStartError when no launcher, no library, or one that does not fit is found, when ranks do not come, when they run
 * on different versions, or at a second call. What else has to be the same, such as the configuration, `agreeOnStart` compares.
 */
export async function connectMpi({
  patienceMs = 120_000,
  startMs = 60_000,
  graceMs = 5_000,
  chunkBytes,
}: MpiOptions = {}): Promise<MpiConnection> {
  if (isConnected)
    throw new MpiStartError("this process is a rank already, and MPI can be started only once in a process");
  const launch = findLaunch();
  const choice = chooseLibrary(launch);
  // Here, because nothing can be called without it, and its error says what to do.
  koffi();
  // The memory hooks of UCX, which MPICH may be built on, serve network cards that Node's memory never meets; with them, Node
  // was seen to die in V8 now and then. Read when the library is loaded.
  process.env.UCX_MEM_EVENTS ??= "n";

  // With this signal the launcher of MPICH tells of a death, and Node would open its debugger.
  process.on("SIGUSR1", () => {});

  isConnected = true;
  const shared = new Shared();
  const workerData: MpiStart = { memory: shared.memory, choice, graceMs, chunkBytes };
  const worker = startThread("mpi-entry", new URL("./entry.ts", import.meta.url), { workerData });
  const ended = endOf(worker, graceMs);
  const { rank, size, version } = await meetRanks(worker, launch, startMs);
  const whenEnded = () => {
    worker.ref();
    return ended;
  };
  const transport = new MpiTransport({ rank, size, shared, graceMs, ended: whenEnded });
  transport.patienceMs = patienceMs;
  worker.on("message", (news: MpiNews) => {
    transport.heed();
    if (news.kind === "failed") throw failureOf(news);
  });
  worker.unref();
  sayGoodbyeAtExit(transport);

  return { transport, version, reason: choice.reason };
}

/** Tells the others when this process ends before it has left: with an error, with an exit code, or simply so. */
function sayGoodbyeAtExit(transport: MpiTransport): void {
  let failure: string | undefined;
  process.on("uncaughtExceptionMonitor", (error) => {
    if (transport.hasLeft) return;
    failure = error.message;
    printFailure(`rank ${transport.rank} of ${transport.size}`, error);
  });
  process.once("exit", (code) => {
    const hasEnded = transport.leaveSync(failure ?? (code === 0 ? undefined : `its process ended with code ${code}`));
    if (!hasEnded) exitNow(code);
  });
}

/** Resolves when the thread of MPI has ended, or has been finalising for the grace period: every rank has left by then. */
function endOf(worker: Worker, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    worker.once("exit", () => resolve());
    worker.on("message", ({ kind }: MpiNews) => {
      if (kind !== "finalizing") return;
      const isLate = () => {
        worker.unref();
        resolve();
      };
      setTimeout(isLate, graceMs).unref();
    });
  });
}
