import { koffi } from "@vitscale/core/native-libraries";
import { chunksOf } from "./chunks.ts";
import { envelopeBytes, inlineBytes, readEnvelope } from "./envelope.ts";
import type { Handle, MpiLibrary } from "./library.ts";
import { event, outcomes, type Shared, type Slot } from "./memory.ts";
import type { Ending, OnDone, Requests } from "./requests.ts";

/** A transfer whose requests are under way. */
interface Active {
  readonly slot: Slot;
  readonly isReceive: boolean;
  /** Requests that are not over. */
  left: number;
  /** Whether a receive has met its message, though not all of it may be there. */
  hasMet: boolean;
  /** Whether the program knows how it ended; its memory may be in use even so. */
  isReported: boolean;
  readonly onEnvelope: OnDone;
  /** Where bytes go that nobody wants. */
  nowhere?: Uint8Array;
}

/** How a rank goes: its program has ended, its program has failed, its process is dead. */
export type Departure = "left" | "failed" | "lost";

/** Two worlds of messages, so that a message never meets the receive of an envelope. */
export interface MessageWorlds {
  readonly envelopes: Handle;
  readonly payloads: Handle;
}

/**
 * Turns transfers into messages of MPI: an envelope, with the bytes inside or followed by them in chunks, tagged with the
 * channel. Bytes that follow go from where they lie to where they are wanted, without a copy.
 *
 * They are received when the envelope has come and fits, and not before: Open MPI 4.1 writes beyond the memory of a receive
 * that is too short for a long message from the same host. Bytes that nobody wants are received all the same, so that what
 * is sent next is not mistaken for them.
 */
export class Messages {
  readonly #active = new Map<number, Active>();
  readonly #gone = new Map<number, { readonly how: Departure; readonly reason: string }>();
  /** Envelopes to and from each rank. */
  readonly sent = new Map<number, number>();
  readonly arrived = new Map<number, number>();
  #broken: string | undefined;

  constructor(
    readonly library: MpiLibrary,
    readonly requests: Requests,
    readonly shared: Shared,
    readonly worlds: MessageWorlds,
    readonly chunkBytes?: number,
  ) {}

  /** Transfers whose memory is in use. */
  get size(): number {
    return this.#active.size;
  }

  /** Whether sends are on their way to ranks that are there. */
  get isSending(): boolean {
    return [...this.#active.values()].some(({ isReceive, isReported }) => !isReceive && !isReported);
  }

  /** Begins to send what a slot describes. */
  send(slot: Slot): void {
    const gone = this.#gone.get(slot.peer);
    if (this.#broken !== undefined) this.#refuse(slot, outcomes.failed, this.#broken);
    // To one who has left, as to one who is there but never looks.
    else if (gone) this.#refuse(slot, gone.how === "left" ? outcomes.done : outcomes.lost, gone.reason);
    else {
      count(this.sent, slot.peer);
      this.#begin("MPI_Isend", slot);
    }
  }

  /** Begins to receive what a slot describes. */
  receive(slot: Slot): void {
    const gone = this.#gone.get(slot.peer);
    if (this.#broken !== undefined) this.#refuse(slot, outcomes.failed, this.#broken);
    else if (gone && !this.#hasArrived(slot)) this.#refuse(slot, outcomes.lost, gone.reason);
    else this.#begin("MPI_Irecv", slot);
  }

  /** The program waits no longer. */
  giveUp(slot: Slot): void {
    const active = this.#active.get(slot.index);
    if (!active) return;
    active.isReported = true;
    this.#cancel(active);
  }

  /** A rank will send nothing more: what waits for it fails, except for messages of the living that are on their way. */
  lose(peer: number, how: Departure, reason: string): void {
    this.#gone.set(peer, { how, reason });
    for (const active of this.#active.values()) {
      if (active.slot.peer !== peer || active.isReported || (active.hasMet && how !== "lost")) continue;
      active.slot.reason = reason;
      this.#report(active, how === "left" && !active.isReceive ? outcomes.done : outcomes.lost);
      this.#cancel(active);
    }
  }

  /** MPI itself has failed: so does everything, now and later. */
  break(reason: string): void {
    this.#broken = reason;
    for (const active of this.#active.values()) {
      if (active.isReported) continue;
      active.slot.reason = reason;
      this.#report(active, outcomes.failed);
    }
  }

  #begin(name: "MPI_Isend" | "MPI_Irecv", slot: Slot): void {
    const { peer, channel, bytes } = slot;
    const isReceive = name === "MPI_Irecv";
    const active: Active = {
      slot,
      isReceive,
      left: 1,
      hasMet: false,
      isReported: false,
      onEnvelope: (ending) => this.#onEnvelope(active, ending),
    };
    this.#active.set(slot.index, active);
    const envelope = isReceive ? slot.arrived : slot.envelope;
    const isInline = bytes <= inlineBytes;
    const length = isReceive ? envelopeBytes : slot.envelopeLength + (isInline ? bytes : 0);
    this.requests.begin(name, [envelope, length, peer, channel, this.worlds.envelopes], active.onEnvelope);
    if (!isReceive) this.#beginPayload(name, active, slot.bytes, slot.address);
  }

  /** Begins what follows the envelope, if anything does. */
  #beginPayload(name: "MPI_Isend" | "MPI_Irecv", active: Active, bytes: number, address: bigint): void {
    if (bytes <= inlineBytes) return;
    const { peer, channel } = active.slot;
    for (const { offset, length } of chunksOf(bytes, this.chunkBytes)) {
      active.left++;
      const parameters = [address + BigInt(offset), length, peer, channel, this.worlds.payloads] as const;
      this.requests.begin(name, parameters, ({ error }) => this.#onRequest(active, error));
    }
  }

  #onEnvelope(active: Active, { error, isCancelled }: Ending): void {
    const { slot, isReceive } = active;
    if (isReceive && error === undefined && !isCancelled) {
      count(this.arrived, slot.peer);
      active.hasMet = true;
      const [expected, given] = [slot.envelope, slot.arrived].map((memory) => memory.subarray(0, slot.envelopeLength));
      const isExpected = Buffer.compare(expected as Uint8Array, given as Uint8Array) === 0;
      if (isExpected && !active.isReported) this.#beginPayload("MPI_Irecv", active, slot.bytes, slot.address);
      else this.#discardPayload(active);
      if (!isExpected && !active.isReported) this.#report(active, outcomes.mismatch);
    }
    this.#onRequest(active, error);
  }

  #discardPayload(active: Active): void {
    const { bytes } = readEnvelope(active.slot.arrived);
    if (bytes <= inlineBytes) return;
    active.nowhere = new Uint8Array(bytes);
    this.#beginPayload("MPI_Irecv", active, bytes, koffi().address(active.nowhere));
  }

  #onRequest(active: Active, error: string | undefined): void {
    const { slot } = active;
    active.left--;
    if (!active.isReported && error !== undefined) {
      slot.reason = error;
      this.#report(active, outcomes.failed);
    } else if (active.left === 0) {
      if (active.isReported) this.#free(active);
      else this.#report(active, outcomes.done);
    }
  }

  #report(active: Active, outcome: number): void {
    active.isReported = true;
    active.slot.outcome = outcome;
    if (active.left === 0) this.#free(active);
    else this.shared.events.push(event(active.slot.index, false));
  }

  #free({ slot }: Active): void {
    this.#active.delete(slot.index);
    this.shared.events.push(event(slot.index, true));
  }

  #refuse(slot: Slot, outcome: number, reason: string): void {
    slot.reason = reason;
    slot.outcome = outcome;
    this.shared.events.push(event(slot.index, true));
  }

  /**
   * Gives up a receive whose envelope has not come. Other requests keep their memory while they last: sends cannot be given
   * up, and bytes on their way are better let in.
   */
  #cancel({ isReceive, onEnvelope }: Active): void {
    if (isReceive && this.#broken === undefined) this.requests.cancel(onEnvelope);
  }

  #hasArrived({ peer, channel }: Slot): boolean {
    const isThere = new Int32Array(1);
    const { abi } = this.library;
    this.library.call("MPI_Iprobe", peer, channel, this.worlds.envelopes, isThere, abi.statusIgnore);
    return isThere[0] !== 0;
  }
}

function count(counts: Map<number, number>, rank: number): void {
  counts.set(rank, (counts.get(rank) ?? 0) + 1);
}
