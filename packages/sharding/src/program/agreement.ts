import { createHash } from "node:crypto";
import type { Collective } from "../collectives/algorithms.ts";
import { eagerChannel } from "../collectives/eager.ts";
import { complete } from "../collectives/exchange.ts";
import { ringGather } from "../collectives/rings.ts";
import { describeCollective } from "../collectives/traffic.ts";
import { openWire } from "../collectives/wire.ts";
import type { Communicator } from "../communicator.ts";
import type { Transfer } from "./cut.ts";

/** Ranks compiled programs whose collectives do not fit together. */
export class DisagreementError extends Error {
  override readonly name = "DisagreementError";
}

/** What a program does with other ranks, a line for each collective: the same text on every rank. */
export function describeTransfers(transfers: readonly Transfer[]): string[] {
  return transfers.map(
    ({ node, inputs: [operand], channel }) => `#${channel} ${describeCollective(node as Collective, operand)}`,
  );
}

/**
 * Makes sure, before anything runs, that all ranks have compiled the same collectives.
 *
 * @throws DisagreementError on every rank, with the first line in which two ranks differ.
 */
export async function agree({ transport, rank }: Communicator, name: string, lines: readonly string[]): Promise<void> {
  const ranks = Array.from({ length: transport.size }, (_, i) => i);
  const gather = async (what: string, own: Uint8Array): Promise<Uint8Array[]> => {
    const label = `${what} of program "${name}"`;
    const wire = openWire(transport, { ranks, position: rank, channel: eagerChannel, label });
    const parts = ranks.map((other) => (other === rank ? own : new Uint8Array(own.length)));
    await complete(ringGather(wire, parts));
    return parts;
  };
  const text = new TextEncoder().encode(lines.join("\n"));
  const digests = await gather("fingerprint", new Uint8Array(createHash("sha256").update(text).digest()));
  if (digests.every((digest) => Buffer.compare(digest, digests[0] as Uint8Array) === 0)) return;

  const lengths = await gather("length", new Uint8Array(Int32Array.of(text.length).buffer));
  const sizes = lengths.map((bytes) => new DataView(bytes.buffer).getInt32(0, true));
  const padded = new Uint8Array(Math.max(...sizes));
  padded.set(text);
  const texts = await gather("collectives", padded);
  const read = texts.map((bytes, i) => new TextDecoder().decode(bytes.subarray(0, sizes[i])).split("\n"));
  throw new DisagreementError(firstDifference(name, read));
}

function firstDifference(name: string, texts: readonly (readonly string[])[]): string {
  const [first] = texts as [readonly string[]];
  const other = texts.findIndex((lines) => lines.join("\n") !== first.join("\n"));
  const lines = texts[other] as readonly string[];
  const at = [...first, ""].findIndex((line, i) => line !== (lines[i] ?? ""));
  const show = (line: string | undefined) => (line ? `"${line}"` : "nothing more");
  return (
    `ranks 0 and ${other} compiled different programs "${name}": collective ${at + 1} of rank 0 is ${show(first[at])}, that ` +
    `of rank ${other} is ${show(lines[at])}. Every rank must compile the same function for arguments of the same shapes`
  );
}
