import type { Envelope, Transfer, Transport } from "./transport.ts";

/** A link that a transport is to be slowed down to. */
export interface InjectedLink {
  /** Bytes that a rank can send a second to each other rank; infinite by default. */
  readonly bytesPerSecond?: number;
  /** Milliseconds from sending to receiving, on top of what the bytes take. */
  readonly latencyMs?: number;
}

/**
 * A transport as slow as a given link, for measurements on one machine: a message reaches its receiver when the messages
 * before it to the same rank have passed, its own bytes have passed, and the latency is over. All ranks must be wrapped alike.
 *
 * The time is added at the receiver, by the sender's clock: before each message goes another with the moment at which it is due,
 * so that the bytes themselves go from where they lie to where they are wanted, as over the transport alone.
 */
export function linked(
  transport: Transport,
  { bytesPerSecond = Number.POSITIVE_INFINITY, latencyMs = 0 }: InjectedLink,
): Transport {
  const { name, rank, size } = transport;
  /** Until when the link to each rank is busy, in milliseconds of the clock that all threads of a machine share. */
  const busyUntil = new Map<number, number>();
  return {
    name: `${name}, linked`,
    rank,
    size,
    send(to, envelope, data) {
      const start = Math.max(now(), busyUntil.get(to) ?? 0);
      const passed = start + (1e3 * data.length) / bytesPerSecond;
      busyUntil.set(to, passed);
      const stamp = Float64Array.of(passed + latencyMs);
      const sending = transport.send(to, stampOf(envelope), new Uint8Array(stamp.buffer));
      return both(sending, transport.send(to, envelope, data));
    },
    receive(from, envelope, into) {
      const stamp = new Float64Array(1);
      const receiving = transport.receive(from, stampOf(envelope), new Uint8Array(stamp.buffer));
      return due(both(receiving, transport.receive(from, envelope, into)), stamp);
    },
    close: () => transport.close(),
  };
}

const stampOf = (envelope: Envelope): Envelope => ({ ...envelope, label: `${envelope.label}, due` });

const now = () => performance.timeOrigin + performance.now();

/** Two transfers as one. */
function both(first: Transfer, second: Transfer): Transfer {
  return {
    async wait() {
      // Both, even if one fails: neither may go on into memory that somebody uses again.
      const results = await Promise.allSettled([first.wait(), second.wait()]);
      for (const result of results) if (result.status === "rejected") throw result.reason;
    },
    waitSync() {
      first.waitSync();
      second.waitSync();
    },
  };
}

/** A transfer that is over when the message that it received is due. */
function due(transfer: Transfer, stamp: Float64Array): Transfer {
  const left = () => (stamp[0] as number) - now();
  return {
    async wait() {
      await transfer.wait();
      const milliseconds = left();
      if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
    },
    waitSync() {
      transfer.waitSync();
      const milliseconds = left();
      if (milliseconds > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    },
  };
}
