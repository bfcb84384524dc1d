import { koffi } from "@vitscale/core/native-libraries";
import { checkTransfer } from "../check.ts";
import { MismatchError, RankLostError } from "../errors.ts";
import { Pending, type PendingOptions } from "../pending.ts";
import type { Envelope, Transfer, Transport } from "../transport.ts";
import { inlineBytes, readEnvelope, writeEnvelope } from "./envelope.ts";
import { MpiError } from "./errors.ts";
import { command, outcomes, readEvent, type Shared, slotCount, verbs } from "./memory.ts";

/** What {@link MpiTransport} stands on. */
export interface MpiTransportOptions {
  readonly rank: number;
  readonly size: number;
  readonly shared: Shared;
  /** How long MPI may take to finalise the world when all ranks have left. */
  readonly graceMs: number;
  /** Resolves when the thread of MPI has ended or is late, and keeps the process alive until then. */
  readonly ended: () => Promise<void>;
}

/** A transfer that the thread of MPI works on. */
interface UnderWay {
  readonly pending: Pending;
  readonly isSend: boolean;
  readonly label: string;
  /** Where the message lies; held, because MPI has its address. */
  readonly data: Uint8Array;
}

/** The program's end of MPI: writes transfers into slots, and settles them when their events come. */
export class MpiTransport implements Transport {
  readonly name = "mpi";
  readonly rank: number;
  readonly size: number;
  readonly #shared: Shared;
  /** How long a transfer that begins from now on waits before it fails with a `LateError`. */
  patienceMs = 120_000;
  readonly #underWay = new Map<number, UnderWay>();
  readonly #free: number[] = [];
  #slots = 0;
  #leaving: Promise<void> | undefined;

  constructor(readonly options: MpiTransportOptions) {
    const { rank, size, shared } = options;
    this.rank = rank;
    this.size = size;
    this.#shared = shared;
  }

  /** Whether this rank has said good-bye. */
  get hasLeft(): boolean {
    return this.#leaving !== undefined;
  }

  send(to: number, envelope: Envelope, data: Uint8Array): Transfer {
    return this.#begin(true, to, envelope, data);
  }

  receive(from: number, envelope: Envelope, into: Uint8Array): Transfer {
    return this.#begin(false, from, envelope, into);
  }

  /** Waits until all ranks have left, because the world of MPI ends for all at once. */
  close(): Promise<void> {
    return this.leave();
  }

  /**
   * Leaves the world, or tells the others that this rank has failed and why, so that what they wait for from it fails too.
   * Resolves when MPI has ended; if others have not left within the grace period after a failure, it ends them.
   */
  leave(failure?: string): Promise<void> {
    this.#leaving ??= this.#leave(failure);
    return this.#leaving;
  }

  /** Does the same without the event loop, for a process that is about to end; false if MPI still finalises the world. */
  leaveSync(failure?: string): boolean {
    void this.leave(failure);
    return this.#shared.waitForEnd(this.options.graceMs);
  }

  /** Settles the transfers of which there is news; returns whether there was any. Called when the thread of MPI rings. */
  heed(): boolean {
    let isAny = false;
    do {
      for (let next = this.#shared.events.take(); next !== undefined; next = this.#shared.events.take()) {
        isAny = true;
        this.#settle(next);
      }
      // Looked at again after asking to be woken: an event in between would ring for nobody.
      this.#shared.isListening = this.#underWay.size > 0;
    } while (!this.#shared.events.isEmpty);
    return isAny;
  }

  #begin(isSend: boolean, peer: number, { channel, label }: Envelope, data: Uint8Array): Transfer {
    checkTransfer(this, peer, { channel, label });
    const index = this.#takeSlot();
    const pending = new Pending(this.#pendingOptions(), peer, label, () => this.#giveUp(index));
    if (this.hasLeft) {
      this.#free.push(index);
      pending.settle(new RankLostError(peer, "this rank has left"));
      return pending;
    }
    const slot = this.#shared.slot(index);
    const length = writeEnvelope(slot.envelope, label, data.length);
    const isInline = data.length <= inlineBytes;
    if (isSend && isInline) slot.envelope.set(data, length);
    slot.describe(peer, channel, data.length, length, isInline ? 0n : koffi().address(data));
    this.#underWay.set(index, { pending, isSend, label, data });
    this.#shared.commands.push(command(index, isSend ? verbs.send : verbs.receive));
    this.#shared.isListening = true;
    return pending;
  }

  #pendingOptions(): PendingOptions {
    const { rank, patienceMs } = this;
    return { rank, patienceMs, block: this.#block };
  }

  readonly #block = (milliseconds: number): boolean => this.heed() || this.#shared.events.wait(milliseconds);

  #settle(value: number): void {
    const { slot: index, isFree } = readEvent(value);
    const transfer = this.#underWay.get(index);
    if (!transfer) throw new Error(`internal: news of transfer ${index}, which is not under way`);
    const error = transfer.pending.isOver ? undefined : this.#errorOf(index, transfer);
    if (isFree) {
      this.#underWay.delete(index);
      this.#free.push(index);
    }
    if (!transfer.pending.isOver) transfer.pending.settle(error);
  }

  /** How a transfer ended; a message that came in one piece with its envelope is put where it is wanted. */
  #errorOf(index: number, { pending, isSend, label, data }: UnderWay): Error | undefined {
    const slot = this.#shared.slot(index);
    switch (slot.outcome) {
      case outcomes.mismatch: {
        const given = readEnvelope(slot.arrived);
        const [wanted, came] = [`${label} (${data.length} bytes)`, `${given.label} (${given.bytes} bytes)`];
        return new MismatchError(this.rank, pending.from, wanted, came);
      }
      case outcomes.lost:
        return new RankLostError(pending.from, slot.reason);
      case outcomes.failed:
        return new MpiError(`${isSend ? "sending to" : "receiving from"} rank ${pending.from} "${label}"`, slot.reason);
      default:
        if (!isSend && data.length <= inlineBytes) {
          data.set(slot.arrived.subarray(slot.envelopeLength, slot.envelopeLength + data.length));
        }
        return undefined;
    }
  }

  /** A transfer that lost patience while MPI works on it is given up there too; its slot comes back in time. */
  #giveUp(index: number): void {
    const isKnown = this.#shared.slot(index).outcome !== outcomes.none;
    if (this.#underWay.has(index) && !isKnown) this.#shared.commands.push(command(index, verbs.giveUp));
  }

  async #leave(failure: string | undefined): Promise<void> {
    const index = this.#takeSlot();
    const slot = this.#shared.slot(index);
    slot.outcome = failure === undefined ? outcomes.done : outcomes.failed;
    slot.reason = failure ?? "its program has ended";
    this.#shared.commands.push(command(index, verbs.leave));
    for (const { pending, isSend } of [...this.#underWay.values()]) {
      if (!isSend && !pending.isOver) pending.settle(new RankLostError(pending.from, "this rank has left"));
    }
    await this.options.ended();
    this.heed();
    for (const { pending } of this.#underWay.values()) {
      if (!pending.isOver) pending.settle(new RankLostError(pending.from, "this rank has left"));
    }
  }

  #takeSlot(): number {
    const known = this.#free.pop();
    if (known !== undefined) return known;
    if (this.#slots === slotCount) {
      throw new RangeError(
        `rank ${this.rank} has ${slotCount} transfers under way, which is the most there can be; wait for some before more begin`,
      );
    }
    return this.#slots++;
  }
}
