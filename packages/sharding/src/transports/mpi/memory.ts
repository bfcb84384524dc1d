import { envelopeBytes } from "./envelope.ts";
import { Ring, ringBytes } from "./ring.ts";

/** Transfers that can be under way at a time. Memory of slots that are never used is never touched. */
export const slotCount = 8_192;

const fieldBytes = 64;
const reasonBytes = 448;
const slotBytes = fieldBytes + 2 * envelopeBytes + reasonBytes;
/** A transfer may have a command to begin and one to give up, and an event when it is over and one when its slot is free. */
const ringEntries = 4 * slotCount;

/** How a transfer ended; none while it is under way. */
export const outcomes = { none: 0, done: 1, mismatch: 2, lost: 3, failed: 4 } as const;

/** What the program's thread tells the thread of MPI about a slot. */
export const verbs = { send: 0, receive: 1, giveUp: 2, leave: 3 } as const;

/** Words of the memory's beginning. */
const listening = 0;
const stage = 1;
/** How far the thread of MPI has come. */
const stages = { serving: 0, finalizing: 1, ended: 2 } as const;

/** One transfer, in memory that both threads see. Whoever took the slot's number from a ring may touch it. */
export class Slot {
  readonly #numbers: Float64Array;
  readonly #address: BigUint64Array;
  readonly #reason: Uint8Array;
  /** What is sent, or what is expected. */
  readonly envelope: Uint8Array;
  /** What came. */
  readonly arrived: Uint8Array;

  constructor(
    memory: SharedArrayBuffer,
    start: number,
    readonly index: number,
  ) {
    const at = start + index * slotBytes;
    this.#numbers = new Float64Array(memory, at, 6);
    this.#address = new BigUint64Array(memory, at + 48, 1);
    this.envelope = new Uint8Array(memory, at + fieldBytes, envelopeBytes);
    this.arrived = new Uint8Array(memory, at + fieldBytes + envelopeBytes, envelopeBytes);
    this.#reason = new Uint8Array(memory, at + fieldBytes + 2 * envelopeBytes, reasonBytes);
  }

  get peer(): number {
    return this.#numbers[0] as number;
  }
  get channel(): number {
    return this.#numbers[1] as number;
  }
  /** Bytes of the message, without its envelope. */
  get bytes(): number {
    return this.#numbers[2] as number;
  }
  /** Bytes of the envelope, without a message that is in one piece with it. */
  get envelopeLength(): number {
    return this.#numbers[3] as number;
  }
  /** Where the message lies, if it is not in one piece with its envelope. */
  get address(): bigint {
    return this.#address[0] as bigint;
  }

  describe(peer: number, channel: number, bytes: number, envelopeLength: number, address: bigint): void {
    this.#numbers.set([peer, channel, bytes, envelopeLength, outcomes.none]);
    this.#address[0] = address;
  }

  get outcome(): number {
    return this.#numbers[4] as number;
  }
  set outcome(outcome: number) {
    this.#numbers[4] = outcome;
  }

  /** Why, beside the outcome; the beginning of long reasons. */
  get reason(): string {
    const length = this.#numbers[5] as number;
    // A decoder takes no shared memory.
    return new TextDecoder().decode(new Uint8Array(this.#reason.subarray(0, length)));
  }
  set reason(reason: string) {
    const text = new TextEncoder().encode(reason).subarray(0, reasonBytes);
    this.#reason.set(text);
    this.#numbers[5] = text.length;
  }
}

/**
 * The memory through which the program's thread and the thread of MPI talk: a ring of commands, a ring of events, and
 * slots for the transfers that they are about. Nothing is allocated for a transfer, and nothing moves.
 */
export class Shared {
  /** From the program: a slot and a verb. */
  readonly commands: Ring;
  /** To the program: a slot, and whether it is free again. */
  readonly events: Ring;
  readonly #flags: Int32Array<SharedArrayBuffer>;
  readonly #slots: (Slot | undefined)[] = [];
  readonly #slotsStart: number;

  constructor(readonly memory = new SharedArrayBuffer(64 + 2 * ringBytes(ringEntries) + slotCount * slotBytes)) {
    this.#flags = new Int32Array(memory, 0, 16);
    this.commands = new Ring(memory, 64, ringEntries);
    this.events = new Ring(memory, 64 + ringBytes(ringEntries), ringEntries);
    this.#slotsStart = 64 + 2 * ringBytes(ringEntries);
  }

  /** Whether the program wants to be woken when there are events. */
  set isListening(isListening: boolean) {
    Atomics.store(this.#flags, listening, isListening ? 1 : 0);
  }

  /** True once for each time that the program began to listen, if there are events for it. */
  takeListener(): boolean {
    return !this.events.isEmpty && Atomics.exchange(this.#flags, listening, 0) === 1;
  }

  /** Says that the thread of MPI finalises the world, or has ended. */
  enter(next: "finalizing" | "ended"): void {
    Atomics.store(this.#flags, stage, stages[next]);
    Atomics.notify(this.#flags, stage);
  }

  /** Blocks until the thread of MPI has ended; false if the finalisation of the world takes longer than the grace period. */
  waitForEnd(graceMs: number): boolean {
    Atomics.wait(this.#flags, stage, stages.serving);
    if (Atomics.load(this.#flags, stage) === stages.ended) return true;
    return Atomics.wait(this.#flags, stage, stages.finalizing, graceMs) !== "timed-out";
  }

  slot(index: number): Slot {
    const known = this.#slots[index];
    if (known) return known;
    const slot = new Slot(this.memory, this.#slotsStart, index);
    this.#slots[index] = slot;
    return slot;
  }
}

/** A command as one number. */
export const command = (slot: number, verb: number): number => slot * 4 + verb;
/** The parts of a command. */
export const readCommand = (value: number) => ({ slot: value >> 2, verb: value & 3 });
/** An event as one number. */
export const event = (slot: number, isFree: boolean): number => slot * 2 + (isFree ? 1 : 0);
/** The parts of an event. */
export const readEvent = (value: number) => ({ slot: value >> 1, isFree: (value & 1) === 1 });
