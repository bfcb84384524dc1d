import { availableParallelism } from "node:os";
import { koffi } from "../../load-koffi.ts";
import { type Address, ortApi } from "./c-api.ts";

/** What all sessions of the process share: one environment with one pool of threads. */
export interface OrtRuntime {
  readonly environment: Address;
  /** Describes host memory that ONNX Runtime does not own. */
  readonly memory: Address;
  readonly threads: number;
}

let runtime: OrtRuntime | undefined;

// Errors come back as exceptions with the same text; what is printed would only repeat them.
const fatalLevel = 4;
const arenaAllocator = 1;
const defaultMemory = 0;

/** `VITSCALE_THREADS`, else one thread a core. @throws RangeError when that is no number of threads. */
export function threadCount(): number {
  const given = process.env.VITSCALE_THREADS;
  if (given === undefined) return availableParallelism();
  const threads = Number(given);
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`VITSCALE_THREADS is "${given}"; it must be a whole number of threads, at least 1`);
  }
  return threads;
}

/**
 * An arena that grows by what is asked for. The default doubles at each growth, and would hold up to twice what a
 * program needs.
 */
function exactArena(): Address {
  const name = Buffer.from("arena_extend_strategy\0");
  const sameAsRequested = 1n;
  return ortApi().create(
    "CreateArenaCfgV2",
    BigUint64Array.of(koffi().address(name)),
    BigUint64Array.of(sameAsRequested),
    1,
  );
}

/** The runtime of this process, made on first use. Threads that wait spin only briefly, so idle sessions cost nothing. */
export function ortRuntime(): OrtRuntime {
  if (runtime) return runtime;
  const api = ortApi();
  const threads = threadCount();
  const threading = api.create("CreateThreadingOptions");
  api.check("SetGlobalIntraOpNumThreads", threading, threads);
  api.check("SetGlobalSpinControl", threading, 1);
  const environment = api.create("CreateEnvWithGlobalThreadPools", fatalLevel, "vitscale", threading);
  api.call("ReleaseThreadingOptions", threading);
  const memory = api.create("CreateCpuMemoryInfo", arenaAllocator, defaultMemory);
  api.check("CreateAndRegisterAllocator", environment, memory, exactArena());
  runtime = { environment, memory, threads };
  return runtime;
}
