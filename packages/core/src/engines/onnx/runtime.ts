import { availableParallelism } from "node:os";
import { type Address, ortApi } from "./c-api.ts";

/** What all sessions of the process share: one environment with one pool of threads. */
export interface OrtRuntime {
  readonly environment: Address;
  /** Describes host memory that ONNX Runtime does not own. */
  readonly memory: Address;
  readonly threads: number;
}

let runtime: OrtRuntime | undefined;

const warningLevel = 2;
const arenaAllocator = 1;
const defaultMemory = 0;

/** `VITSCALE_THREADS`, else one thread a core. */
function threadCount(): number {
  const given = process.env.VITSCALE_THREADS;
  if (given === undefined) return availableParallelism();
  const threads = Number(given);
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`VITSCALE_THREADS is "${given}"; it must be a whole number of threads, at least 1`);
  }
  return threads;
}

/** The runtime of this process, made on first use. Threads that wait spin only briefly, so idle sessions cost nothing. */
export function ortRuntime(): OrtRuntime {
  if (runtime) return runtime;
  const api = ortApi();
  const threads = threadCount();
  const threading = api.create("CreateThreadingOptions");
  api.check("SetGlobalIntraOpNumThreads", threading, threads);
  api.check("SetGlobalSpinControl", threading, 1);
  const environment = api.create("CreateEnvWithGlobalThreadPools", warningLevel, "vitscale", threading);
  api.call("ReleaseThreadingOptions", threading);
  runtime = { environment, memory: api.create("CreateCpuMemoryInfo", arenaAllocator, defaultMemory), threads };
  return runtime;
}
