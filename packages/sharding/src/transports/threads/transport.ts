import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { checkTransfer } from "../check.ts";
import { done } from "../done.ts";
import { Inbox } from "../inbox.ts";
import type { Envelope, Transport } from "../transport.ts";
import { PacketMemory } from "./packet-memory.ts";
import { headerBytes, type LostNotice, type Packet, type RankPlan, ring } from "./world.ts";

/**
 * The transport of one rank among worker threads. A message is copied into shared memory by its sender and out of it by
 * its receiver, so sends are over when they begin. Arrivals are events of the receiving thread, or, where it blocks, are
 * taken from the ports directly.
 */
export function threadTransport({ rank, size, patienceMs, arrivals, peers, control }: RankPlan): Transport {
  const memory = new PacketMemory();
  const ports = [control, ...peers].filter((port): port is MessagePort => port !== undefined);
  const inbox = new Inbox({ rank, patienceMs, block, onWaiting: hold });

  function deliver(from: number, { envelope, memory: shared, bytes }: Packet): void {
    inbox.deliver({
      from,
      envelope,
      data: new Uint8Array(shared, headerBytes, bytes),
      release: () => PacketMemory.release(shared),
    });
  }

  /** Delivers what peers have posted, without waiting for the event loop; true if there was something. */
  function drain(): boolean {
    let isAny = false;
    for (const [from, port] of peers.entries()) {
      for (let next = port && receiveMessageOnPort(port); next; next = port && receiveMessageOnPort(port)) {
        deliver(from, next.message as Packet);
        isAny = true;
      }
    }
    return isAny;
  }

  function lose({ lost, reason }: LostNotice): void {
    // What a rank sent before it was lost still counts, and was posted before the notice.
    drain();
    inbox.lose(lost, reason);
  }

  function heed(): boolean {
    let isAny = false;
    for (let next = receiveMessageOnPort(control); next; next = receiveMessageOnPort(control)) {
      lose(next.message as LostNotice);
      isAny = true;
    }
    return isAny;
  }

  function block(milliseconds: number): boolean {
    // Read before looking: what is posted after the look changes the counter, and the sleep ends at once.
    const seen = Atomics.load(arrivals, rank);
    return drain() || heed() || Atomics.wait(arrivals, rank, seen, milliseconds) !== "timed-out";
  }

  /** Whether messages keep the thread alive: while somebody waits for one, and not otherwise. */
  function hold(isWaiting: boolean): void {
    for (const port of ports) isWaiting ? port.ref() : port.unref();
  }

  for (const [from, port] of peers.entries()) port?.on("message", (packet: Packet) => deliver(from, packet));
  control.on("message", lose);
  hold(false);

  return {
    name: "threads",
    rank,
    size,
    send(to: number, envelope: Envelope, data: Uint8Array) {
      checkTransfer({ rank, size }, to, envelope);
      const shared = memory.take(data.length);
      new Uint8Array(shared, headerBytes).set(data);
      const packet: Packet = { envelope, memory: shared, bytes: data.length };
      peers[to]?.postMessage(packet);
      ring(arrivals, to);
      return done;
    },
    receive(from: number, envelope: Envelope, into: Uint8Array) {
      checkTransfer({ rank, size }, from, envelope);
      return inbox.receive(from, envelope, into);
    },
    async close() {
      for (let peer = 0; peer < size; peer++) if (peer !== rank) inbox.lose(peer, "this rank has left");
      for (const port of ports) port.close();
    },
  };
}
