import type { DataOf } from "@vitscale/core";
import type { Transfer, Transport, Turn } from "../transports/transport.ts";

/** The transport as one collective uses it: peers are positions in the group, and messages carry its name. */
export interface Wire {
  readonly count: number;
  readonly position: number;
  /** @param hop what the message is within the collective, the same at both ends. */
  send(to: number, hop: string, data: DataOf): Transfer;
  receive(from: number, hop: string, into: DataOf): Transfer;
}

/** Options of {@link openWire}. */
export interface WireOptions {
  readonly ranks: readonly number[];
  readonly position: number;
  readonly channel: number;
  /** What the collective is, in words that are the same on all ranks. */
  readonly label: string;
  readonly turn: Turn;
}

const bytesOf = (data: DataOf) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** A wire for one collective. */
export function openWire(transport: Transport, { ranks, position, channel, label, turn }: WireOptions): Wire {
  const envelope = (hop: string) => ({ channel, label: `${label}, ${hop}`, turn });
  return {
    count: ranks.length,
    position,
    send: (to, hop, data) => transport.send(ranks[to] as number, envelope(hop), bytesOf(data)),
    receive: (from, hop, into) => transport.receive(ranks[from] as number, envelope(hop), bytesOf(into)),
  };
}
