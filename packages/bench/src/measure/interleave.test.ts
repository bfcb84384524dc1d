import { describe, expect, it } from "vitest";
import { collectGarbage } from "./garbage.ts";
import { interleave } from "./interleave.ts";

describe("interleaved measurement", () => {
  it("takes turns, each round beginning with another, and leaves the warm-up out", async () => {
    const order: string[] = [];
    let clock = 0;
    const contestant = (name: string) => ({
      name,
      sample: async () => {
        order.push(name);
        return clock++;
      },
    });
    const shares: number[] = [];
    const times = await interleave(["a", "b", "c"].map(contestant), {
      rounds: 3,
      onSample: (share) => shares.push(share),
    });
    expect(order.join("")).toBe("abcbcacababc");
    expect(times).toEqual({ a: [5, 7, 9], b: [3, 8, 10], c: [4, 6, 11] });
    expect(shares.at(-1)).toBe(1);
  });

  it("stops between two samples when it is asked to", async () => {
    const controller = new AbortController();
    let samples = 0;
    const sample = async () => {
      if (++samples === 3) controller.abort(new Error("stopped"));
      return 1;
    };
    await expect(interleave([{ name: "a", sample }], { rounds: 10, signal: controller.signal })).rejects.toThrow(
      "stopped",
    );
    expect(samples).toBe(3);
  });

  it("collects garbage without a flag on the command line", async () => {
    let isCollected = false;
    const registry = new FinalizationRegistry(() => {
      isCollected = true;
    });
    (() => registry.register({ large: new Array(1000) }, 0))();
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isCollected).toBe(true);
  });
});
