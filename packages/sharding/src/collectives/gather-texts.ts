import type { Communicator } from "../communicator.ts";
import { eagerChannel } from "./eager.ts";
import { complete } from "./exchange.ts";
import { ringGather } from "./rings.ts";
import { nextTurn } from "./turns.ts";
import { openWire } from "./wire.ts";

/** What every rank of the world has, by rank; all ranks call it with as many bytes. Others may use the channel: call it in turn. */
export async function gatherBytes(
  { transport, rank }: Communicator,
  subject: string,
  own: Uint8Array,
): Promise<Uint8Array[]> {
  const ranks = Array.from({ length: transport.size }, (_, i) => i);
  const turn = nextTurn(transport, "compiled", subject);
  const wire = openWire(transport, { ranks, position: rank, channel: eagerChannel, label: subject, turn });
  const parts = ranks.map((other) => (other === rank ? own : new Uint8Array(own.length)));
  await complete(ringGather(wire, parts));
  return parts;
}

/** The text of every rank, by rank, whatever their lengths; to be called in turn as {@link gatherBytes}. */
export async function gatherTexts(communicator: Communicator, subject: string, own: string): Promise<string[]> {
  const text = new TextEncoder().encode(own);
  const length = new Uint8Array(Int32Array.of(text.length).buffer);
  const lengths = await gatherBytes(communicator, `length of ${subject}`, length);
  const sizes = lengths.map((bytes) => new DataView(bytes.buffer).getInt32(0, true));
  const padded = new Uint8Array(Math.max(...sizes));
  padded.set(text);
  const texts = await gatherBytes(communicator, `text of ${subject}`, padded);
  return texts.map((bytes, rank) => new TextDecoder().decode(bytes.subarray(0, sizes[rank])));
}

/**
 * What every rank has to say, by rank: plain data, for decisions that all must make alike (to stop, which file to read). All ranks call
 * it with the same subject, in the same order as their programs.
 */
export async function gatherValues<Value>(communicator: Communicator, subject: string, own: Value): Promise<Value[]> {
  // An array, because JSON has no undefined of its own.
  const texts = await communicator.inTurn(() => gatherTexts(communicator, subject, JSON.stringify([own])));
  return texts.map((text) => (JSON.parse(text) as [Value])[0]);
}
