import type { InjectedLink, OverlapCase } from "@vitscale/sharding";
import type { Scale } from "../claim.ts";
import type { RanksOrder } from "./order.ts";

/** A link as people say it. */
export interface LinkSpeed {
  readonly gigabits: number;
  readonly latencyMs: number;
}

/** As a wrapper of a transport takes it. */
export const injected = ({ gigabits, latencyMs }: LinkSpeed): InjectedLink => ({
  bytesPerSecond: (gigabits * 1e9) / 8,
  latencyMs,
});

/** The two products of an MLP of width 1,536: its first layer gathers, its second reduces. Half of the rows where time is short. */
export const layersOf = (scale: Scale, ranks: number): Readonly<Record<"gather" | "reduce", OverlapCase>> => {
  const rows = scale === "quick" ? 1024 : 2048;
  return {
    gather: { layout: "gather", ranks, rows, inputs: 1536, outputs: 6144 },
    reduce: { layout: "reduce", ranks, rows, inputs: 6144, outputs: 1536 },
  };
};

/** What is measured over links that are injected, for each number of ranks. */
export function ordersInThreads(scale: Scale): RanksOrder[] {
  const usual: LinkSpeed = { gigabits: 1, latencyMs: 0.2 };
  const speeds: readonly LinkSpeed[] =
    scale === "quick"
      ? [{ ...usual, gigabits: 0.5 }, usual, { ...usual, gigabits: 2 }, { ...usual, latencyMs: 2 }]
      : [0.5, 1, 2].flatMap((gigabits) => [0.2, 2].map((latencyMs) => ({ gigabits, latencyMs })));
  return [2, 4].map((ranks) => {
    const { gather, reduce } = layersOf(scale, ranks);
    const reduced = scale === "quick" ? [usual] : speeds;
    return {
      layers: [
        ...speeds.map((speed) => ({ ...gather, link: injected(speed) })),
        ...reduced.map((speed) => ({ ...reduce, link: injected(speed) })),
      ],
      blocks: [{ ranks, images: 4, width: 768, heads: 12, depth: 2, link: injected(usual) }],
      rounds: scale === "quick" ? 5 : 7,
    };
  });
}
