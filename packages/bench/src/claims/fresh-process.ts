import type { Bench } from "../claim.ts";
import { openPeer } from "../peers/open-peer.ts";
import { peers } from "../peers/peers.ts";
import { trainStepTask, type Workload } from "./sizes.ts";

/** A process that compiled a training step, ran it a few times, and ended. */
export interface Fresh {
  readonly name: string;
  readonly batch: number;
  readonly rematerialize: "none" | "block";
  /** Milliseconds of recording, passes and session. */
  readonly compile: Readonly<Record<string, number>>;
  /** Largest memory that the process held. */
  readonly peakBytes: number;
  readonly milliseconds: readonly number[];
}

/** Compiles and runs a few steps in a process that has done nothing before. */
export async function measureFresh(
  workload: Workload,
  { steps, rematerialize = "none" }: { readonly steps: number; readonly rematerialize?: Fresh["rematerialize"] },
  bench: Bench,
): Promise<Fresh> {
  const task = { ...trainStepTask(workload, bench), ...(rematerialize === "none" ? {} : { rematerialize }) };
  const peer = await openPeer(peers[0], task, { signal: bench.signal });
  try {
    const milliseconds: number[] = [];
    while (milliseconds.length < steps) milliseconds.push(await peer.sample());
    const { name, batch } = workload;
    const { peakBytes } = peer.samples.at(-1)!;
    return { name, batch, rematerialize, compile: peer.ready.parts ?? {}, peakBytes, milliseconds };
  } finally {
    await peer.close();
  }
}

/** What a process held at its peak, with how many images in the batch. */
export type PeakMemory = Pick<Fresh, "batch" | "peakBytes">;

/** Bytes that one image more in the batch costs at the peak: what is fixed cancels. */
export function bytesOfAnImage(large: PeakMemory, small: PeakMemory): number {
  return (large.peakBytes - small.peakBytes) / (large.batch - small.batch);
}
