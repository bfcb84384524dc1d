import type { InjectedLink, OverlapCase, OverlapMeasurement } from "@vitscale/sharding";

/** The encoder of a small vision transformer whose features ranks share. */
export interface BlockCase {
  readonly ranks: number;
  readonly images: number;
  readonly width: number;
  readonly heads: number;
  readonly depth: number;
  /** What the transport is slowed down to; nothing where it has a link of its own. */
  readonly link?: InjectedLink;
}

/** Both kinds of block, communicating in either form. */
export const blockContestants = ["parallel, ring", "sequential, ring", "parallel, plain", "sequential, plain"] as const;

/** Milliseconds of a forward pass on the slowest rank, a round each. */
export interface BlockMeasurement {
  readonly case: BlockCase;
  readonly times: Readonly<Record<(typeof blockContestants)[number], readonly number[]>>;
}

/** What ranks are to measure: cases for the number of ranks that there are. */
export interface RanksOrder {
  readonly layers: readonly OverlapCase[];
  readonly blocks: readonly BlockCase[];
  readonly rounds: number;
}

/** What they measured. */
export interface RanksAnswer {
  /** What carried the messages, such as "threads" or "MPICH 4.0.2". */
  readonly transport: string;
  /** The rate of the network's own links, where they were shaped. */
  readonly gigabits?: number;
  readonly layers: readonly OverlapMeasurement[];
  readonly blocks: readonly BlockMeasurement[];
}
