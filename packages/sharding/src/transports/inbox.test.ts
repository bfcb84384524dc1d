import { describe, expect, it } from "vitest";
import { RankLostError } from "./errors.ts";
import { simulatedRanks } from "./simulated.ts";

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
