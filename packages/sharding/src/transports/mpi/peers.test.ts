import { describe, expect, it } from "vitest";
import { abis } from "./abi.ts";
import { Peers } from "./peers.ts";
import type { OnDone } from "./requests.ts";

/** Rank 1 of three, each on a host of its own, with what it sends, what it loses, and a way to tell it something. */
function rankOne() {
  const sent: { to: number; notice: { kind: string; rank?: number } }[] = [];
  const lost: unknown[][] = [];
  let inbox: { memory: Buffer; onDone: OnDone } | undefined;
  const peers = new Peers({
    library: { abi: abis.MPICH },
    requests: {
      begin(name, [data, , peer], onDone) {
        const memory = data as Buffer;
        if (name === "MPI_Irecv") inbox = { memory, onDone };
        else sent.push({ to: peer, notice: JSON.parse(memory.toString("utf8", 0, memory.indexOf(0))) });
      },
      cancel() {},
    },
    messages: { sent: new Map(), arrived: new Map(), lose: (...what) => lost.push(what) },
    communicator: 0,
    rank: 1,
    places: ["a", "b", "c"].map((host) => ({ host: `${host}/pid:[1]`, pid: 1 })),
  });
  const tell = (notice: object) => {
    const { memory, onDone } = inbox!;
    memory.fill(0).write(JSON.stringify(notice));
    onDone({ error: undefined, isCancelled: false });
  };
  return { peers, sent, lost, tell };
}

describe("ranks on different hosts", () => {
  it("beat for the next one, and tell all when the one before is silent for four seconds", () => {
    const { peers, sent, lost } = rankOne();
    // Whole milliseconds: a fraction may round to just below a half second.
    const start = 10_000;
    for (let ms = 0; ms < 4_000; ms += 100) peers.tend(start + ms);
    expect(lost).toEqual([]);
    expect(sent.map(({ to, notice }) => [to, notice.kind])).toEqual(Array.from({ length: 8 }, () => [2, "beat"]));
    peers.tend(start + 4_200);
    expect(lost).toEqual([[0, "lost", "nothing was heard of it on a for 4 s"]]);
    expect(sent.filter(({ notice }) => notice.kind === "lost")).toMatchObject([{ to: 2, notice: { rank: 0 } }]);
    expect(peers.present).toEqual([2]);
    expect([peers.isBroken, peers.isFirst]).toEqual([true, true]);
  });

  it("believe what they are told: that one has died, and that one has left once its messages are there", () => {
    const { peers, lost, tell } = rankOne();
    tell({ from: 2, kind: "lost", rank: 0, reason: "its process 7 has ended" });
    expect(lost).toEqual([[0, "lost", "its process 7 has ended"]]);
    tell({ from: 2, kind: "left", reason: "its program has ended", sent: 1 });
    peers.tend();
    expect(lost).toHaveLength(1);
    (peers.options.messages.arrived as Map<number, number>).set(2, 1);
    peers.tend();
    expect(lost[1]).toEqual([2, "left", "its program has ended"]);
    expect(peers.present).toEqual([]);
  });
});
