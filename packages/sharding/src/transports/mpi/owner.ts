import { outcomes, readCommand, type Shared, verbs } from "./memory.ts";
import { Messages } from "./messages.ts";
import { Peers } from "./peers.ts";
import { Requests } from "./requests.ts";
import type { World } from "./world.ts";

/** Fruitless looks before the thread sleeps: MPI answers most of them at once. */
const eagerTurns = 20;
/** The longest sleep while transfers are under way. Compute wants the core, and a block of a ring lasts tens of ms. */
const longestPauseMs = 1;
/** The pause when nothing has been under way for a while: heartbeats and good-byes can wait. */
const idlePauseMs = 20;
const quietMs = 50;
/** A launcher that is told to end everything drops what was printed and not yet passed on. */
const outputMs = 250;
/** How long a rank that has said its last to ranks that have said theirs waits for the first of them to end it. */
const spokenMs = 1_000;
/**
 * The time without a call before MPI_Finalize. On UCX over TCP, MPICH 4.0 asks each peer to confirm what was sent, then waits for the
 * launcher and answers nothing more: a rank that is answered by a peer still before its own finalisation leaves that peer unanswered.
 * So all have to stop answering before the first begins.
 */
const stillMs = 100;

/** How the program wants to leave. */
interface Farewell {
  readonly reason: string;
  readonly isFailure: boolean;
}

/** What an {@link Owner} works with. */
export interface OwnerOptions {
  readonly world: World;
  readonly shared: Shared;
  readonly graceMs: number;
  readonly chunkBytes: number | undefined;
  /** Wakes the program, which asked for it, because there are events. */
  readonly wake: () => void;
  /** Told when all have left, and nothing but MPI_Finalize is to be done. */
  readonly onFinalize: () => void;
}

/**
 * Makes all calls of MPI, from the first message to the end of the world, in a thread of its own. MPI moves large messages only
 * within its calls, so the owner keeps calling while transfers are under way, and the program's thread is free to compute.
 */
export class Owner {
  readonly #requests: Requests;
  readonly #messages: Messages;
  readonly #peers: Peers;
  #isBroken = false;
  #farewell: Farewell | undefined;
  #fruitless = 0;
  #lastActive = performance.now();

  constructor(readonly options: OwnerOptions) {
    const { world, shared, chunkBytes } = options;
    const { library, rank, places, notices } = world;
    this.#requests = new Requests(library);
    this.#messages = new Messages(library, this.#requests, shared, world, chunkBytes);
    this.#peers = new Peers({
      library,
      requests: this.#requests,
      messages: this.#messages,
      communicator: notices,
      rank,
      places,
    });
  }

  /** Serves the program until it leaves, and ends the world. */
  serve(): void {
    while (this.#farewell === undefined) this.#proceed();
    this.#leave(this.#farewell);
  }

  /** Does what there is to do, and sleeps if there was nothing for a while. */
  #proceed(): void {
    const { shared, wake } = this.options;
    const isAny = this.#turn();
    if (shared.takeListener()) wake();
    this.#fruitless = isAny ? 0 : this.#fruitless + 1;
    if (isAny || this.#messages.size > 0) this.#lastActive = performance.now();
    if (this.#fruitless <= eagerTurns) return;
    const isQuiet = performance.now() - this.#lastActive > quietMs;
    // Short sleeps first: the answer to a small message comes soon.
    const pause = Math.min(longestPauseMs, 0.05 * 2 ** Math.min(10, this.#fruitless - eagerTurns));
    shared.commands.wait(isQuiet ? idlePauseMs : pause);
  }

  /** Obeys the program and lets MPI work; returns whether there was anything to do. */
  #turn(): boolean {
    try {
      const hasObeyed = this.#obey();
      if (this.#isBroken) return hasObeyed;
      const hasMoved = this.#requests.test();
      this.#peers.tend();
      return hasObeyed || hasMoved;
    } catch (error) {
      this.#isBroken = true;
      this.#messages.break((error as Error).message);
      return true;
    }
  }

  /** Does what the program has asked for since the last time; returns whether that was anything. */
  #obey(): boolean {
    const { shared } = this.options;
    let isAny = false;
    for (let next = shared.commands.take(); next !== undefined; next = shared.commands.take()) {
      isAny = true;
      const { slot: index, verb } = readCommand(next);
      const slot = shared.slot(index);
      if (verb === verbs.send) this.#messages.send(slot);
      else if (verb === verbs.receive) this.#messages.receive(slot);
      else if (verb === verbs.giveUp) this.#messages.giveUp(slot);
      else this.#farewell = { reason: slot.reason, isFailure: slot.outcome !== outcomes.done };
    }
    return isAny;
  }

  /** Proceeds until something holds or the time is over; returns whether it holds. */
  #proceedUntil(holds: () => boolean, milliseconds: number): boolean {
    const deadline = performance.now() + milliseconds;
    while (!holds()) {
      if (this.#isBroken || performance.now() > deadline) return false;
      this.#proceed();
    }
    return true;
  }

  #pause(milliseconds: number): void {
    this.#proceedUntil(() => false, milliseconds);
  }

  /** Says good-bye and waits for the others to do so; then the world can end. */
  #leave({ reason, isFailure }: Farewell): void {
    const { graceMs } = this.options;
    const isPeaceful = () => !isFailure && !this.#isBroken && !this.#peers.isBroken;
    const isAlone = () => this.#peers.present.length === 0;
    if (!isFailure) this.#proceedUntil(() => !this.#messages.isSending, graceMs);
    if (!this.#isBroken) this.#peers.announce(isFailure ? "failed" : "left", reason);
    // Who has done its part waits for the others as long as they take, unless one of them has failed.
    while (isPeaceful() && !isAlone()) this.#proceed();
    if (isPeaceful()) this.#finalize();
    else {
      const haveAllSpoken = this.#proceedUntil(isAlone, graceMs);
      this.#abort(haveAllSpoken ? spokenMs : graceMs);
    }
  }

  #finalize(): void {
    const { world, graceMs, onFinalize } = this.options;
    if (!this.#proceedUntil(() => this.#messages.size === 0, graceMs)) {
      const count = this.#messages.size;
      throw new Error(`all ranks have left, and ${count} transfers of rank ${world.rank} met no other end`);
    }
    this.#peers.close();
    this.#proceedUntil(() => this.#requests.size === 0, graceMs);
    onFinalize();
    sleep(stillMs);
    world.library.call("MPI_Finalize");
  }

  /**
   * Ends a world that cannot be finalised because a rank is missing. The first of those that are there does it for all: a launcher
   * that sees one end by itself ends the others, whatever they have still to say. The others do it for themselves `patienceMs` later, as
   * a launcher that was told to let ranks live ends none.
   */
  #abort(patienceMs: number): void {
    const { world } = this.options;
    if (!this.#peers.isFirst) this.#pause(patienceMs);
    this.#pause(outputMs);
    world.library.try("MPI_Abort", world.library.handles.commWorld, 1);
  }
}

/** Blocks this thread. */
function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
