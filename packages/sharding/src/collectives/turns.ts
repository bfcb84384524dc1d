import type { Transport, Turn } from "../transports/transport.ts";

const counts = new WeakMap<Transport, Map<Turn["sequence"], number>>();

/** The turn that begins now on this rank. Every rank counts the same ones: a program without collectives takes none. */
export function nextTurn(transport: Transport, sequence: Turn["sequence"], what: string): Turn {
  const known = counts.get(transport) ?? new Map<Turn["sequence"], number>();
  const number = (known.get(sequence) ?? 0) + 1;
  counts.set(transport, known.set(sequence, number));
  return { sequence, number, what };
}
