import type { Transport } from "../transports/transport.ts";
import type { OverlapCase, OverlapMeasurement } from "./overlap.ts";
import { timeMachine } from "./time-machine.ts";
import { timeOverlap } from "./time-overlap.ts";

/** What ranks are told to measure; all of them the same. */
export interface OverlapOrder {
  readonly cases: readonly OverlapCase[];
  readonly rounds: number;
}

/** Measures layers as one of the ranks of a transport; every rank returns the same. What `measureOverlap` runs in its threads. */
export async function run(transport: Transport, { cases, rounds }: OverlapOrder): Promise<OverlapMeasurement[]> {
  const measurements: OverlapMeasurement[] = [];
  for (const each of cases) {
    const samples = await timeMachine(transport, each, rounds);
    measurements.push({ case: each, samples, times: await timeOverlap(transport, each, rounds) });
  }
  return measurements;
}
