import { checkTransfer } from "./check.ts";
import { done } from "./done.ts";
import { Inbox } from "./inbox.ts";
import type { Envelope, Transport } from "./transport.ts";

/** Options of {@link simulatedRanks}. */
export interface SimulationOptions {
  /** How long a receive waits before it fails with a `LateError`. */
  readonly patienceMs?: number;
}

/**
 * Ranks that share one thread: the transports of a world of `size`, in order. Programs that run asynchronously (all that
 * are compiled) take turns; a wait that blocks would wait for ever, and is refused. For tests, and to count traffic.
 */
export function simulatedRanks(size: number, { patienceMs = 30_000 }: SimulationOptions = {}): readonly Transport[] {
  const block = (): never => {
    throw new Error(
      "a simulated rank cannot block: it shares its thread with the ranks that it waits for. Compile the function with " +
        "jit, or run the ranks in threads of their own with launchThreads",
    );
  };
  const inboxes = Array.from({ length: size }, (_, rank) => new Inbox({ rank, patienceMs, block }));
  return inboxes.map((inbox, rank) => ({
    name: "simulated",
    rank,
    size,
    send(to: number, envelope: Envelope, data: Uint8Array) {
      checkTransfer({ rank, size }, to, envelope);
      const copy = { from: rank, envelope, data: data.slice(), release() {} };
      // Not at once: whoever is waiting would go on in the middle of the sender's work.
      setImmediate(() => inboxes[to]?.deliver(copy));
      return done;
    },
    receive(from: number, envelope: Envelope, into: Uint8Array) {
      checkTransfer({ rank, size }, from, envelope);
      return inbox.receive(from, envelope, into);
    },
    async close() {
      // After what it has sent.
      setImmediate(() => {
        for (const other of inboxes) other.lose(rank, "it has left");
      });
    },
  }));
}
