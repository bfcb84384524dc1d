import { describe, expect, it } from "vitest";
import { RankLostError } from "./errors.ts";
import { simulatedRanks } from "./simulated.ts";
import type { Turn } from "./transport.ts";

const envelope = (label: string, channel = 0) => ({ channel, label });
const bytes = (...values: number[]) => Uint8Array.from(values);

describe("messages between ranks", () => {
  it("arrive in order on a channel, whichever end comes first, and channels do not wait for each other", async () => {
    const [a, b] = simulatedRanks(2);
    const early = new Uint8Array(1);
    const receive = b!.receive(0, envelope("x"), early);
    a!.send(1, envelope("other", 7), bytes(9));
    a!.send(1, envelope("x"), bytes(1));
    a!.send(1, envelope("x"), bytes(2));
    await receive.wait();
    const [late, other] = [new Uint8Array(1), new Uint8Array(1)];
    await b!.receive(0, envelope("x"), late).wait();
    await b!.receive(0, envelope("other", 7), other).wait();
    expect([early[0], late[0], other[0]]).toEqual([1, 2, 9]);
  });

  it("may be sent from memory that is written to afterwards", async () => {
    const [a, b] = simulatedRanks(2);
    const data = bytes(5);
    await a!.send(1, envelope("x"), data).wait();
    data[0] = 6;
    const into = new Uint8Array(1);
    await b!.receive(0, envelope("x"), into).wait();
    expect(into[0]).toBe(5);
  });

  it("fail with both labels, with the rank that is late, and with the rank that has left", async () => {
    const [a, b] = simulatedRanks(2, { patienceMs: 20 });
    a!.send(1, envelope("all-gather [4]"), bytes(1, 2));
    await expect(b!.receive(0, envelope("all-gather [3]"), new Uint8Array(1)).wait()).rejects.toThrow(
      'ranks 1 and 0 do not do the same: rank 1 expects "all-gather [3] (1 bytes)", but rank 0 sends "all-gather [4] (2 bytes)". Every rank must call the same collectives in the same order with matching shapes',
    );
    await expect(b!.receive(0, envelope("next"), new Uint8Array(1)).wait()).rejects.toThrow(
      'rank 1 waited 0.02 s for rank 0 in "next"',
    );
    await a!.close();
    await new Promise(setImmediate);
    await expect(b!.receive(0, envelope("last"), new Uint8Array(1)).wait()).rejects.toThrow(
      "rank 0 is lost: it has left",
    );
  });

  it("name what has come instead of what is late, first from the rank that is waited for", async () => {
    const [a, b, c] = simulatedRanks(3, { patienceMs: 20 });
    for (const i of [1, 2]) c!.send(1, envelope(`call ${i} over data`), bytes(0));
    for (const i of [1, 2]) a!.send(1, envelope(`step #${i}`, i), bytes(0, 0));
    await expect(b!.receive(0, envelope("fingerprint"), new Uint8Array(1)).wait()).rejects.toThrow(
      'rank 1 waited 0.02 s for rank 0 in "fingerprint". Rank 0 is stuck, much slower, or takes another way through its program; a ' +
        'longer patience is an option of the transport. What has come instead: "step #1 (2 bytes)" from rank 0, "step #2 (2 bytes)" ' +
        'from rank 0, "call 1 over data (1 bytes)" from rank 2, 1 more',
    );
  });

  it("fail at once when a rank does another thing in the same turn, whichever is first", async () => {
    const [a, b, c] = simulatedRanks(3);
    const turnOf = (sequence: Turn["sequence"], number: number) => (label: string, channel: number) => ({
      channel,
      label,
      turn: { sequence, number, what: label },
    });
    const compiled = turnOf("compiled", 4);
    const waiting = b!.receive(0, compiled("compiled f", 0), new Uint8Array(1)).wait();
    // None of these says that rank 0 does something else: a report, a call beside, another turn, programs of another group.
    a!.send(1, envelope("report", 9), bytes(1));
    a!.send(1, turnOf("eager", 4)("call 4", 8), bytes(1));
    a!.send(1, turnOf("compiled", 5)("g run 1", 7), bytes(1));
    c!.send(1, compiled("h run 1", 1), bytes(1));
    a!.send(1, compiled("f run 1", 1), bytes(1, 2));
    await expect(waiting).rejects.toThrow(
      'rank 1 expects "compiled f (1 bytes)", but rank 0 sends "f run 1 (2 bytes)"',
    );
    await expect(b!.receive(0, compiled("compiled f", 0), new Uint8Array(1)).wait()).rejects.toThrow('"f run 1');

    // Calls over different axes: whoever sends was to wait for somebody else.
    const eager = turnOf("eager", 7);
    c!.send(1, eager("call over data", 0), bytes(1));
    await expect(b!.receive(0, eager("call over model", 0), new Uint8Array(1)).wait()).rejects.toThrow(
      'rank 1 expects "call over model (1 bytes)", but rank 2 sends "call over data (1 bytes)"',
    );
  });

  it("name who was lost first, whoever else ended because of that", () => {
    const first = new RankLostError(2, "its process 7 has ended");
    const second = new RankLostError(3, `program "step" failed on rank 3: ${first.message}`);
    const third = new RankLostError(1, `program "step" failed on rank 1: ${second.message}`);
    expect([first, second, third].map(({ rank }) => rank)).toEqual([2, 2, 2]);
    expect(third.message).toBe(
      "rank 2 is lost: its process 7 has ended; rank 3 ended because of that; rank 1 ended because of that",
    );
  });

  it("name ranks and channels that do not exist, and waits that cannot end", () => {
    const [a] = simulatedRanks(2);
    expect(() => a!.send(0, envelope("x"), bytes())).toThrow('rank 0 of 2 cannot exchange "x" with rank 0');
    expect(() => a!.send(1, envelope("x", 40_000), bytes())).toThrow('channel 40000 of "x" is not between 0 and 32767');
    expect(() => a!.receive(1, envelope("x"), bytes()).waitSync()).toThrow("a simulated rank cannot block");
  });
});
