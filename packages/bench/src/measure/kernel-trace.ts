import { readFileSync } from "node:fs";

/** Where the time of the runs of a session went, in milliseconds a run. */
export interface KernelTimes {
  /** Inside the library's run call. */
  readonly run: number;
  /** Inside kernels. */
  readonly kernels: number;
  /** Inside kernels, by the operation's name, largest first. */
  readonly byOperation: readonly (readonly [operation: string, milliseconds: number])[];
}

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds since the session began. */
  readonly ts: number;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/**
 * Reads a trace that ONNX Runtime wrote (`VITSCALE_PROFILE`), over its last runs.
 *
 * Kernels of a sequential session run one after the other, each on all threads, so the sum of their durations is wall time.
 *
 * @throws Error when the trace holds fewer runs than asked for
 */
export function readKernelTrace(path: string, runs: number): KernelTimes {
  const events = JSON.parse(readFileSync(path, "utf8")) as TraceEvent[];
  const last = events.filter(({ name }) => name === "model_run").slice(-runs);
  if (last.length < runs) throw new Error(`${path} holds ${last.length} runs; ${runs} were to be read`);
  const start = last[0]!.ts;
  const byOperation = new Map<string, number>();
  for (const { cat, name, ts, dur, args } of events) {
    if (cat !== "Node" || !name.endsWith("_kernel_time") || ts < start) continue;
    const operation = args?.op_name ?? name;
    byOperation.set(operation, (byOperation.get(operation) ?? 0) + dur / 1000 / runs);
  }
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
  return {
    run: sum(last.map(({ dur }) => dur)) / 1000 / runs,
    kernels: sum(byOperation.values()),
    byOperation: [...byOperation].sort(([, a], [, b]) => b - a),
  };
}
