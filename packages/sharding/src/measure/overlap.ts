import type { LinearLayout } from "../linear/choose.ts";
import type { InjectedLink } from "../transports/linked.ts";
import { launchThreads } from "../transports/threads/launch.ts";

/** One layer on a link. */
export interface OverlapCase {
  readonly layout: LinearLayout;
  readonly ranks: number;
  readonly rows: number;
  /** Features of the whole layer. */
  readonly inputs: number;
  readonly outputs: number;
  readonly link: InjectedLink;
}

/** Milliseconds of one call on the slowest rank: the least of all rounds, and the median. */
export interface Timing {
  readonly least: number;
  readonly median: number;
}

/** What a layer takes in every form, beside its parts alone. */
export interface OverlapResult {
  /** The products of the ring without transfers. */
  readonly compute: Timing;
  /** The transfers of the ring without products. */
  readonly transfer: Timing;
  readonly plain: Timing;
  readonly ring: Timing;
  readonly bidirectional: Timing;
}

/**
 * The share of what can be hidden that a ring hides: one after the other less measured, over the smaller of what travels and of
 * what is computed beside it. The first of k products has nothing to hide, as no block has come yet.
 */
export function overlapEfficiency(
  { compute, transfer, ring }: OverlapResult,
  ranks: number,
  of: keyof Timing = "least",
): number {
  const hideable = Math.min(transfer[of], (compute[of] * (ranks - 1)) / ranks);
  return (compute[of] + transfer[of] - ring[of]) / hideable;
}

/** Measures a layer on ranks in threads of this process, forms interleaved round by round. */
export async function measureOverlap(given: OverlapCase, rounds = 15): Promise<OverlapResult> {
  const file = import.meta.url.endsWith(".ts") ? "./overlap-rank.ts" : "./overlap-rank.js";
  const module = new URL(file, import.meta.url);
  const perRank = await launchThreads<OverlapCase & { readonly rounds: number }, Record<keyof OverlapResult, number[]>>(
    {
      size: given.ranks,
      module,
      input: { ...given, rounds },
    },
  );
  const timing = (form: keyof OverlapResult): Timing => {
    // A call is over when the last rank is.
    const slowest = Array.from({ length: rounds }, (_, i) =>
      Math.max(...perRank.map((times) => times[form][i] as number)),
    );
    const sorted = slowest.sort((a, b) => a - b);
    return { least: sorted[0] as number, median: sorted[Math.floor(rounds / 2)] as number };
  };
  return {
    compute: timing("compute"),
    transfer: timing("transfer"),
    plain: timing("plain"),
    ring: timing("ring"),
    bidirectional: timing("bidirectional"),
  };
}
