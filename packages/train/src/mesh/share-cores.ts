import { availableParallelism } from "node:os";

/**
 * Gives the engine of a rank its share of the cores that this process may run on, unless `VITSCALE_THREADS` says something else: ranks of a machine
 * that each took all cores would wait for each other.
 */
export function shareCores(ranksHere: number): void {
  process.env.VITSCALE_THREADS ??= `${Math.max(1, Math.floor(availableParallelism() / ranksHere))}`;
}
