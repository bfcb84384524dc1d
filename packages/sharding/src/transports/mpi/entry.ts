import { parentPort, workerData } from "node:worker_threads";
import type { MpiNews, MpiStart } from "./connect.ts";
import { findLaunch } from "./launcher.ts";
import { loadLibrary } from "./library.ts";
import { outcomes, readCommand, Shared, verbs } from "./memory.ts";
import { Messages } from "./messages.ts";
import { Peers } from "./peers.ts";
import { Requests } from "./requests.ts";
import { openWorld, type World } from "./world.ts";

/**
 * The thread that owns MPI: makes all its calls, from initialisation to the end. MPI moves large messages only within its
 * calls, so this thread keeps calling while transfers are under way, and the program's thread is free to compute.
 */
if (parentPort === null) throw new Error("internal: the thread of MPI was not started as a worker");
const port = parentPort;
const start = workerData as MpiStart;
const tell = (news: MpiNews) => port.postMessage(news);

/** Fruitless looks before the thread sleeps: MPI answers most of them at once. */
const eagerTurns = 20;
/** The longest sleep while transfers are under way. Compute wants the core, and a block of a ring lasts tens of ms. */
const longestPauseMs = 1;
/** The pause when nothing has been under way for a while: heartbeats and good-byes can wait. */
const idlePauseMs = 20;
const quietMs = 50;
/** A launcher that is told to end everything drops what was printed and not yet passed on. */
const outputMs = 250;

/** How the program wants to leave. */
interface Farewell {
  readonly reason: string;
  readonly isFailure: boolean;
}

/** Serves the program until it leaves. */
function serve(world: World, shared: Shared): void {
  const { library, rank, places } = world;
  const requests = new Requests(library);
  const messages = new Messages(library, requests, shared, world, start.chunkBytes);
  const peers = new Peers({ library, requests, messages, communicator: world.notices, rank, places });
  let isBroken = false;
  let farewell: Farewell | undefined;

  /** Does what can be done at once; returns whether that was anything. */
  function turn(): boolean {
    if (isBroken) return false;
    try {
      const isAny = requests.test();
      peers.tend();
      return isAny;
    } catch (error) {
      isBroken = true;
      messages.break((error as Error).message);
      return true;
    }
  }

  /** Wakes the program if it asked for that. */
  function wake(): void {
    if (Atomics.exchange(shared.flags, 0, 0) === 1) tell({ kind: "events" });
  }

  /** Does what the program has asked for since the last time; returns whether that was anything. */
  function obey(): boolean {
    let isAny = false;
    for (let next = shared.commands.take(); next !== undefined; next = shared.commands.take()) {
      isAny = true;
      const { slot: index, verb } = readCommand(next);
      const slot = shared.slot(index);
      if (verb === verbs.send) messages.send(slot);
      else if (verb === verbs.receive) messages.receive(slot);
      else if (verb === verbs.giveUp) messages.giveUp(slot);
      else farewell = { reason: slot.reason, isFailure: slot.outcome !== outcomes.done };
    }
    return isAny;
  }

  let fruitless = 0;
  let lastActive = performance.now();

  /** Obeys, lets MPI work, and sleeps if there was nothing to do for a while. */
  function proceed(): void {
    const isAny = [obey(), turn()].includes(true);
    wake();
    fruitless = isAny ? 0 : fruitless + 1;
    if (isAny || messages.size > 0) lastActive = performance.now();
    if (fruitless <= eagerTurns) return;
    const isQuiet = performance.now() - lastActive > quietMs;
    // Short sleeps first: the answer to a small message comes soon.
    const pause = Math.min(longestPauseMs, 0.05 * 2 ** Math.min(10, fruitless - eagerTurns));
    shared.commands.wait(isQuiet ? idlePauseMs : pause);
  }

  /** Proceeds until something holds or the time is over; returns whether it holds. */
  function proceedUntil(holds: () => boolean, milliseconds: number): boolean {
    const deadline = performance.now() + milliseconds;
    while (!holds()) {
      if (isBroken || performance.now() > deadline) return false;
      proceed();
    }
    return true;
  }

  /** Says good-bye and waits for the others to do so; then the world can end. */
  function leave({ reason, isFailure }: Farewell): void {
    const isPeaceful = () => !isFailure && !isBroken && !peers.isBroken;
    const isAlone = () => peers.present.length === 0;
    if (!isFailure) proceedUntil(() => !messages.isSending, start.graceMs);
    if (!isBroken) peers.announce(isFailure ? "failed" : "left", reason);
    // Who has done its part waits for the others as long as they take, unless one of them has failed.
    while (isPeaceful() && !isAlone()) proceed();
    if (isPeaceful()) finalize();
    else {
      proceedUntil(isAlone, start.graceMs);
      abort();
    }
  }

  function finalize(): void {
    if (!proceedUntil(() => messages.size === 0, start.graceMs)) {
      throw new Error(`all ranks have left, and ${messages.size} transfers of rank ${rank} met no other end`);
    }
    peers.close();
    proceedUntil(() => requests.size === 0, start.graceMs);
    library.call("MPI_Finalize");
  }

  /**
   * Ends a world that cannot be finalised because a rank is missing. The first of those that are there does it for all: a launcher
   * that sees one end by itself ends the others, whatever they have still to say.
   */
  function abort(): void {
    if (!peers.isFirst) proceedUntil(() => false, start.graceMs);
    proceedUntil(() => false, outputMs);
    library.try("MPI_Abort", library.handles.commWorld, 1);
  }

  while (farewell === undefined) proceed();
  leave(farewell);
}

const shared = new Shared(start.memory);
try {
  const library = loadLibrary(start.choice);
  const world = openWorld(library, findLaunch());
  tell({ kind: "ready", rank: world.rank, size: world.size, version: library.version });
  serve(world, shared);
} catch (error) {
  tell({ kind: "failed", name: (error as Error).name, message: (error as Error).message });
} finally {
  Atomics.store(shared.flags, 1, 1);
  Atomics.notify(shared.flags, 1);
}
