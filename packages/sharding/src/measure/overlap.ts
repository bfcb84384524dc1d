import type { LinearLayout } from "../linear/choose.ts";
import type { MachineSamples } from "../model/calibrate.ts";
import type { InjectedLink } from "../transports/linked.ts";
import { launchThreads } from "../transports/threads/launch.ts";
import type { OverlapOrder } from "./overlap-rank.ts";

/** One layer on a link. */
export interface OverlapCase {
  readonly layout: LinearLayout;
  readonly ranks: number;
  readonly rows: number;
  /** Features of the whole layer. */
  readonly inputs: number;
  readonly outputs: number;
  /** What the transport is slowed down to; nothing where the transport has a link of its own. */
  readonly link?: InjectedLink;
}

/**
 * What is timed of a layer: its parts alone, all ranks at once, and the layer in every form.
 *
 * - `compute`: the products of the ring, with their sums, and no transfers. Where ranks share cores, they share them here too.
 * - `transfer`: the hops of the ring, and no products; `transferBothWays`: with half of each block either way.
 * - `plain`, `ring`, `bidirectional`: the layer.
 */
export const overlapParts = ["compute", "transfer", "transferBothWays", "plain", "ring", "bidirectional"] as const;

export type OverlapPart = (typeof overlapParts)[number];

/** Milliseconds of each part on the slowest rank, a round each. */
export type OverlapTimes = Readonly<Record<OverlapPart, readonly number[]>>;

/** A layer, what it took, and what its parts took one by one, for `calibrate`. */
export interface OverlapMeasurement {
  readonly case: OverlapCase;
  readonly times: OverlapTimes;
  readonly samples: MachineSamples;
}

/**
 * The share of what can be hidden that a ring hides: one after the other less measured, over the smaller of what travels and of
 * what is computed beside it. The first of k products has nothing to hide, as no block has come yet.
 */
export function overlapEfficiency(
  { compute, transfer, measured }: { readonly compute: number; readonly transfer: number; readonly measured: number },
  ranks: number,
): number {
  const hideable = Math.min(transfer, (compute * (ranks - 1)) / ranks);
  return (compute + transfer - measured) / hideable;
}

/**
 * Measures layers on ranks in threads of this process, all with the same number of ranks. The threads of the engine are the
 * process's: give each rank one, `VITSCALE_THREADS=1`, unless there are more cores than ranks.
 */
export async function measureOverlap(cases: readonly OverlapCase[], rounds = 15): Promise<OverlapMeasurement[]> {
  const [first] = cases;
  if (first === undefined) return [];
  const file = import.meta.url.endsWith(".ts") ? "./overlap-rank.ts" : "./overlap-rank.js";
  const perRank = await launchThreads<OverlapOrder, OverlapMeasurement[]>({
    size: first.ranks,
    module: new URL(file, import.meta.url),
    input: { cases, rounds },
  });
  return perRank[0] as OverlapMeasurement[];
}
