import type { MessagePort } from "node:worker_threads";
import type { Envelope } from "../transport.ts";

/** What a thread is given to be a rank. */
export interface RankPlan {
  readonly rank: number;
  readonly size: number;
  readonly patienceMs: number;
  /** One counter a rank, raised whenever something was posted to it: a thread that blocks sleeps on its own. */
  readonly arrivals: Int32Array<SharedArrayBuffer>;
  /** To every other rank; undefined at its own place. */
  readonly peers: readonly (MessagePort | undefined)[];
  /** From the launcher. */
  readonly control: MessagePort;
}

/** One message between ranks. */
export interface Packet {
  readonly envelope: Envelope;
  /** A word that says whether the memory is in use, then the bytes. */
  readonly memory: SharedArrayBuffer;
  readonly bytes: number;
}

/** What the launcher tells a rank. */
export interface LostNotice {
  readonly lost: number;
  readonly reason: string;
}

/** Bytes before the message in a packet's memory; 8, so that what follows is aligned for every element type. */
export const headerBytes = 8;

/** Wakes a thread that sleeps on its counter. */
export function ring(arrivals: Int32Array, rank: number): void {
  Atomics.add(arrivals, rank, 1);
  Atomics.notify(arrivals, rank);
}
