import type { Table } from "../claim.ts";
import type { Comparison } from "../peers/compare.ts";
import { type PeerName, peers } from "../peers/peers.ts";
import { bytes, digits, spread } from "../report/format.ts";
import { pairedRatios } from "../statistics/paired.ts";
import { median } from "../statistics/summary.ts";

/** Which peers are on this machine. It belongs to a plan: a peer that is installed later makes an earlier measurement stale. */
export async function findPeers(names: readonly PeerName[]): Promise<Record<string, boolean>> {
  const chosen = peers.filter(({ name }) => names.includes(name));
  const located = chosen.map(async (peer) => [peer.name, "command" in (await peer.locate())] as const);
  return Object.fromEntries(await Promise.all(located));
}

/** Times of every peer that ran, beside ours. @param batch images of one sample */
export function peerTable(what: string, batch: number, { results }: Comparison): Table {
  const ours = results.find(({ name }) => name === "vitscale")?.milliseconds ?? [];
  return {
    title: `${what}, ${ours.length} interleaved rounds: median (quartiles)`,
    columns: ["peer", "version", "threads", "time", "times ours", "images/s", "set-up", "peak memory"],
    rows: results.map(({ about, ready, milliseconds, peakBytes }) => [
      about,
      ready.version,
      `${ready.threads}`,
      spread(milliseconds, "ms"),
      ours.length === 0 ? "n/a" : spread(pairedRatios(milliseconds, ours)),
      digits((1000 * batch) / median(milliseconds)),
      `${digits(ready.setupMilliseconds / 1000)} s`,
      bytes(peakBytes),
    ]),
    note:
      "Set-up is everything before the first measurement: tracing and compiling where there is any, and the first runs, whose losses or " +
      "logits agree to 1 %.",
  };
}

/** Peers that did not run, and what to install. */
export function missingTable(comparisons: readonly Comparison[]): Table {
  const missing = new Map(comparisons.flatMap((comparison) => Object.entries(comparison.missing)));
  return {
    title: "Peers that did not run",
    columns: ["peer", "why, and what to do"],
    rows: missing.size === 0 ? [["none", ""]] : [...missing],
  };
}
