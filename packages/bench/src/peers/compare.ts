import { interleave, type Rounds } from "../measure/interleave.ts";
import { type OpenPeer, openPeer } from "./open-peer.ts";
import type { Peer } from "./peers.ts";
import type { Ready, Task } from "./protocol.ts";

/** What was measured of one peer. */
export interface PeerResult {
  readonly name: string;
  readonly about: string;
  readonly ready: Ready;
  /** Milliseconds of the work, one a round. */
  readonly milliseconds: readonly number[];
  readonly peakBytes: number;
}

/** Results of the peers that ran, and why the others did not. */
export interface Comparison {
  readonly results: readonly PeerResult[];
  readonly missing: Readonly<Record<string, string>>;
}

/** How peers are compared. */
export interface CompareOptions extends Pick<Rounds, "rounds" | "seconds"> {
  readonly signal: AbortSignal;
  readonly onProgress: (share: number, doing: string) => void;
}

/** How far check numbers of peers may be apart: they sum in different orders, and three steps of AdamW amplify that. */
const tolerance = 1e-2;
const warmup = 1;

/**
 * Lets peers do the same task in turns, round by round.
 *
 * A peer whose check numbers differ from those of the first by more than 1 % computes something else, and is left out with that reason.
 */
export async function comparePeers(
  peers: readonly Peer[],
  task: Task,
  { signal, onProgress, ...rounds }: CompareOptions,
): Promise<Comparison> {
  const open: OpenPeer[] = [];
  const missing: Record<string, string> = {};
  try {
    for (const [index, peer] of peers.entries()) {
      signal.throwIfAborted();
      onProgress((0.4 * index) / peers.length, `preparing ${peer.name}`);
      try {
        const opened = await openPeer(peer, task, { signal });
        open.push(opened);
        const difference = disagreement(opened.ready.check, open[0]!.ready.check);
        if (difference !== undefined) {
          await open.pop()!.close();
          missing[peer.name] = `it computes something else than ${open[0]!.name}: ${difference}`;
        }
      } catch (error) {
        signal.throwIfAborted();
        missing[peer.name] = (error as Error).message;
      }
    }
    const onSample = (share: number) => onProgress(0.4 + 0.6 * share, "measuring in turns");
    const times = await interleave(open, { ...rounds, warmup, signal, onSample });
    const results = open.map(({ name, about, ready, samples }) => ({
      ...{ name, about, ready, milliseconds: times[name]! },
      peakBytes: Math.max(0, ...samples.map(({ peakBytes }) => peakBytes)),
    }));
    return { results, missing };
  } finally {
    await Promise.all(open.map(({ close }) => close()));
  }
}

/** How two lists of check numbers differ, or nothing where they agree. */
export function disagreement(found: readonly number[], expected: readonly number[]): string | undefined {
  if (found.length !== expected.length) return `${found.length} check numbers, ${expected.length} expected`;
  const scale = Math.max(...expected.map(Math.abs), 1e-12);
  const at = found.findIndex((value, index) => !(Math.abs(value - expected[index]!) <= tolerance * scale));
  return at < 0 ? undefined : `check number ${at} is ${found[at]}, ${expected[at]} expected`;
}

/** Times of a peer, or nothing where it did not run. */
export function timesOf({ results }: Comparison, name: string): readonly number[] | undefined {
  return results.find((result) => result.name === name)?.milliseconds;
}
