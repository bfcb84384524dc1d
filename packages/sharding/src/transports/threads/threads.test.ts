import { MessageChannel } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { type Ping, run } from "../testing/ping.ts";
import { connectRanks } from "./connect.ts";
import { launchThreads } from "./launch.ts";
import { threadTransport } from "./transport.ts";

/** Ranks with the ports and the shared memory of threads, all in this thread, which is quicker than starting some. */
function ranksHere(size: number, patienceMs = 10_000) {
  const ports = connectRanks(size);
  const arrivals = new Int32Array(new SharedArrayBuffer(4 * size));
  const controls = Array.from({ length: size }, () => new MessageChannel());
  const transports = controls.map(({ port2: control }, rank) =>
    threadTransport({ rank, size, patienceMs, arrivals, peers: ports[rank] ?? [], control }),
  );
  const lose = (lost: number) => {
    for (const { port1 } of controls) port1.postMessage({ lost, reason: "its program has ended" });
  };
  return { transports, lose };
}

const launch = (size: number, input: Ping) =>
  launchThreads<Ping, number[]>({ size, module: new URL("../testing/ping.ts", import.meta.url), input });

describe("ranks in threads", () => {
  it("hand messages round a ring, blocking", async () => {
    const lists = await launch(2, { kind: "ring", rounds: 3, blocking: true });
    expect(lists).toEqual([
      [1, 0, 1, 0],
      [0, 1, 0, 1],
    ]);
  });

  it("hand messages round a ring, waiting, with memory that is used again", async () => {
    const { transports } = ranksHere(3);
    const ring: Ping = { kind: "ring", rounds: 3, blocking: false };
    const lists = await Promise.all(transports.map((transport) => run(transport, ring)));
    // After three hops rank r holds where its list has been: r − 3, r − 2, r − 1, r.
    expect(lists).toEqual([
      [0, 1, 2, 0],
      [1, 2, 0, 1],
      [2, 0, 1, 2],
    ]);
    for (const transport of transports) await transport.close();
  });

  it("name both sides of a disagreement", async () => {
    const { transports } = ranksHere(2);
    const ping: Ping = { kind: "disagree", labels: ["all-gather of a", "all-reduce of b"] };
    const results = await Promise.allSettled(transports.map((transport) => run(transport, ping)));
    expect(results.map((result) => result.status === "rejected" && result.reason.message)).toEqual([
      expect.stringContaining(
        'rank 0 expects "all-gather of a (8 bytes)", but rank 1 sends "all-reduce of b (8 bytes)"',
      ),
      expect.stringContaining(
        'rank 1 expects "all-reduce of b (8 bytes)", but rank 0 sends "all-gather of a (8 bytes)"',
      ),
    ]);
    for (const transport of transports) await transport.close();
  });

  it("fail when one of them dies, with its number", async () => {
    await expect(launch(2, { kind: "exit", rank: 0 })).rejects.toThrow(
      "rank 0 failed: its thread ended with code 3 before its program did",
    );
  });

  it("receive what a rank sent before it left, and wait for nothing more", async () => {
    const { transports, lose } = ranksHere(3);
    const leave: Ping = { kind: "leave", rank: 1 };
    const lists = Promise.all(transports.map((transport) => run(transport, leave)));
    lose(1);
    expect(await lists).toEqual([[2, 0], [], [1, 2]]);
    const [first] = transports;
    await expect(first!.receive(1, { channel: 0, label: "more" }, new Uint8Array(8)).wait()).rejects.toThrow(
      "rank 1 is lost: its program has ended",
    );
    for (const transport of transports) await transport.close();
  });
});
