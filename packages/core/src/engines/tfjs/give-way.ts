import { setImmediate as nextTurn } from "node:timers/promises";

/** The longest that programs go on without a turn of the event loop. */
const longestMs = 10;

let lastTurn = performance.now();

/**
 * Lets the event loop have its turn if it has had none for a while: programs on tfjs compute in the calling thread, and a loop of them
 * would keep from it timers, sockets, and the callbacks that free what has become garbage.
 */
export async function giveWay(): Promise<void> {
  if (performance.now() - lastTurn < longestMs) return;
  await nextTurn();
  lastTurn = performance.now();
}
