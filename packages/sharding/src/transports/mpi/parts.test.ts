import { describe, expect, it } from "vitest";
import { chunksOf } from "./chunks.ts";
import { envelopeBytes, inlineBytes, readEnvelope, writeEnvelope } from "./envelope.ts";
import { Shared, slotCount } from "./memory.ts";
import { Ring, ringBytes } from "./ring.ts";
import { checkAlike } from "./world.ts";

describe("messages of MPI", () => {
  it("are cut below 2³¹ bytes, without gaps", () => {
    const bytes = 5 * 2 ** 30 + 7;
    const chunks = [...chunksOf(bytes)];
    expect(chunks).toHaveLength(6);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(2 ** 31);
    let end = 0;
    for (const { offset, length } of chunks) {
      expect(offset).toBe(end);
      end += length;
    }
    expect(end).toBe(bytes);
    expect([...chunksOf(0)]).toEqual([]);
  });

  it("have envelopes that are equal when label and length are, whatever their length", () => {
    const [a, b, c] = [0, 1, 2].map(() => new Uint8Array(envelopeBytes)) as [Uint8Array, Uint8Array, Uint8Array];
    const long = `${"é".repeat(5_000)} hop 1`;
    const length = writeEnvelope(a, long, 2 ** 40);
    expect(length + inlineBytes).toBeLessThanOrEqual(envelopeBytes);
    writeEnvelope(b, long, 2 ** 40);
    expect(a).toEqual(b);
    // They differ where neither the beginning nor the end shows it.
    writeEnvelope(c, `${"é".repeat(2_000)}è${"é".repeat(2_999)} hop 1`, 2 ** 40);
    expect(a).not.toEqual(c);
    writeEnvelope(c, "step 3, gather hop 1", 12);
    expect(readEnvelope(c)).toEqual({ label: "step 3, gather hop 1", bytes: 12 });
  });
});

describe("memory between the program and the thread of MPI", () => {
  it("hands numbers over in order, round and round", () => {
    const ring = new Ring(new SharedArrayBuffer(ringBytes(4)), 0, 4);
    expect(ring.wait(0)).toBe(false);
    for (let i = 0; i < 10; i += 2) {
      ring.push(i);
      ring.push(i + 1);
      expect(ring.wait(0)).toBe(true);
      expect([ring.take(), ring.take(), ring.take()]).toEqual([i, i + 1, undefined]);
    }
    for (let i = 0; i < 4; i++) ring.push(i);
    expect(() => ring.push(4)).toThrow("internal: a ring is full");
  });

  it("keeps every slot apart", () => {
    const shared = new Shared();
    const [first, last] = [shared.slot(0), new Shared(shared.memory).slot(slotCount - 1)];
    first.describe(3, 7, 2 ** 33, 40, 2n ** 47n);
    last.describe(4, 8, 9, 10, 11n);
    last.envelope.fill(255);
    last.arrived.fill(255);
    last.reason = "why".repeat(1000);
    const again = new Shared(shared.memory).slot(0);
    expect([again.peer, again.channel, again.bytes, again.envelopeLength, again.address]).toEqual([
      3,
      7,
      2 ** 33,
      40,
      2n ** 47n,
    ]);
    expect(again.envelope.every((byte) => byte === 0)).toBe(true);
    expect(shared.slot(slotCount - 1).reason).toMatch(/^(why)+w?h?$/);
  });
});

describe("ranks at their start", () => {
  it("have the same versions, or learn whose differ", () => {
    const record = { host: "a/pid:[1]", pid: 1, library: "MPICH Version: 4.0.2", node: "v20.20.2" };
    expect(() => checkAlike([record, { ...record, host: "b/pid:[1]", pid: 2 }])).not.toThrow();
    expect(() => checkAlike([record, record, { ...record, host: "b/pid:[1]", node: "v22.1.0" }])).toThrow(
      "ranks 0 and 2 were started differently: Node of rank 0 is v20.20.2 on a, that of rank 2 is v22.1.0 on b. Install the same " +
        "on all hosts",
    );
  });
});
