import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
/** Collects all garbage now. */
export const collectGarbage = runInNewContext("gc") as () => void;

/** Odd, so that one of them is the middle one. */
const windows = 5;

/** Resident memory after the garbage is gone and finalizers have run. */
async function settledMemory(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage().rss;
}

/**
 * How many bytes of resident memory `times` calls add at the rate of most of them, after a tenth as many to warm up.
 *
 * Memory is looked at between equal windows, and the median of what they added counts. What leaks does so in each of them; a heap
 * that takes another piece from the system, which a busy machine makes it do at any time, does so in one or two.
 */
export async function growthOf(times: number, call: (i: number) => Promise<unknown>): Promise<number> {
  const collectEvery = Math.max(1, Math.floor(times / 60));
  const repeat = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await call(i);
      if (i % collectEvery === 0) collectGarbage();
    }
  };
  await repeat(times / 10);
  const resident = [await settledMemory()];
  for (let window = 0; window < windows; window++) {
    await repeat(times / windows);
    resident.push(await settledMemory());
  }
  return steadyGrowth(resident);
}

/** The median of the differences between neighbours, as often as there are some. */
export function steadyGrowth(samples: readonly number[]): number {
  const steps = samples.slice(1).map((value, i) => value - (samples[i] as number));
  const median = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] as number;
  return steps.length * median;
}
