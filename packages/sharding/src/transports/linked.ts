import type { Transfer, Transport } from "./transport.ts";

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
 * The time is added at the receiver, by the sender's clock: each message carries the moment at which it is due.
 */
export function linked(
  transport: Transport,
  { bytesPerSecond = Number.POSITIVE_INFINITY, latencyMs = 0 }: InjectedLink,
): Transport {
  const { name, rank, size } = transport;
  /** Until when the link to each rank is busy, in milliseconds of the clock that all threads of a process share. */
  const busyUntil = new Map<number, number>();
  return {
    name: `${name}, linked`,
    rank,
    size,
    send(to, envelope, data) {
      const start = Math.max(now(), busyUntil.get(to) ?? 0);
      const passed = start + (1e3 * data.length) / bytesPerSecond;
      busyUntil.set(to, passed);
      const stamped = new Uint8Array(stampBytes + data.length);
      new DataView(stamped.buffer).setFloat64(0, passed + latencyMs, true);
      stamped.set(data, stampBytes);
      return transport.send(to, envelope, stamped);
    },
    receive(from, envelope, into) {
      const stamped = new Uint8Array(stampBytes + into.length);
      return due(transport.receive(from, envelope, stamped), stamped, into);
    },
    close: () => transport.close(),
  };
}

/** A number of 8 bytes: when the message is due. */
const stampBytes = 8;

const now = () => performance.timeOrigin + performance.now();

/** A transfer that is over when the message that it received is due. */
function due(transfer: Transfer, stamped: Uint8Array, into: Uint8Array): Transfer {
  const left = () => new DataView(stamped.buffer).getFloat64(0, true) - now();
  const hand = () => into.set(stamped.subarray(stampBytes));
  return {
    async wait() {
      await transfer.wait();
      const milliseconds = left();
      if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
      hand();
    },
    waitSync() {
      transfer.waitSync();
      const milliseconds = left();
      if (milliseconds > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
      hand();
    },
  };
}
