import { collectGarbage } from "./garbage.ts";

/** One of the things that are measured against each other. */
export interface Contestant {
  readonly name: string;
  /** Does the work once. @returns the time that it took, in milliseconds */
  sample(): Promise<number>;
}

/** How a measurement is repeated. */
export interface Rounds {
  readonly rounds: number;
  /** Rounds before the first that counts. */
  readonly warmup?: number;
  /** Seconds after which no round begins once there are three: a slow or busy machine then measures fewer. */
  readonly seconds?: number;
  /** Ends the measurement between two samples. */
  readonly signal?: AbortSignal;
  /** Called after every sample with the share that is done, 0 … 1. */
  readonly onSample?: (share: number) => void;
}

/** Below this number quartiles say nothing. */
const fewestRounds = 3;

/**
 * Measures contestants round by round: each is measured once before any is measured again, so that a machine that becomes slower during
 * the measurement becomes slower for all of them. Every round begins with another contestant, because what ran before leaves the
 * caches and the clock in some state. Garbage is collected before each sample.
 *
 * @returns the times of each contestant in milliseconds, one a round
 * @throws the signal's reason when it aborts
 */
export async function interleave(
  contestants: readonly Contestant[],
  { rounds, warmup = 1, seconds = Number.POSITIVE_INFINITY, signal, onSample }: Rounds,
): Promise<Record<string, number[]>> {
  const times: Record<string, number[]> = Object.fromEntries(contestants.map(({ name }) => [name, []]));
  const total = (rounds + warmup) * contestants.length;
  let done = 0;
  const end = performance.now() + 1000 * seconds;
  for (let round = -warmup; round < rounds; round++) {
    if (round >= fewestRounds && performance.now() >= end) break;
    for (const contestant of rotated(contestants, round + warmup)) {
      signal?.throwIfAborted();
      collectGarbage();
      const milliseconds = await contestant.sample();
      if (round >= 0) times[contestant.name]!.push(milliseconds);
      onSample?.(++done / total);
    }
  }
  return times;
}

function rotated<T>(list: readonly T[], by: number): T[] {
  const start = by % Math.max(1, list.length);
  return [...list.slice(start), ...list.slice(0, start)];
}
