import { vit22b } from "@vitscale/vit";
import { describe, expect, it } from "vitest";
import { comparePeers, disagreement, timesOf } from "./compare.ts";
import type { Peer } from "./peers.ts";
import type { Task } from "./protocol.ts";

/** A peer whose process answers the task with `check`, and every sample with the next of `times`. */
function fakePeer(name: string, check: readonly number[], times: readonly number[]): Peer {
  const program = `
    const times = ${JSON.stringify(times)};
    require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const { task } = JSON.parse(line);
      const ready = { version: "fake", threads: 1, setupMilliseconds: 1, check: ${JSON.stringify(check)} };
      console.log(JSON.stringify(task ? ready : { milliseconds: [times.shift(), 1], peakBytes: 5e6 }));
    });`;
  const command = { file: process.execPath, args: ["-e", program] };
  return { name, about: "a fake", tasks: ["train-step"], locate: async () => ({ command: () => command }) };
}

const absent: Peer = {
  ...{ name: "absent", about: "not here", tasks: ["train-step"] },
  locate: async () => ({ missing: "absent is not installed; npm install absent" }),
};

const task: Task = {
  ...{ kind: "train-step", model: vit22b("mu/16"), batch: 1, threads: 1, learningRate: 1e-3, weightDecay: 0 },
  weights: { path: "", parameters: [] },
};

describe("comparing peers", () => {
  it("interleaves those that agree, leaves out one that computes something else, and names one that is absent", async () => {
    const peers = [
      fakePeer("ours", [6.9, 6.7], [100, 9, 10, 11]),
      fakePeer("same", [6.9, 6.701], [100, 19, 20, 21]),
      fakePeer("other", [6.9, 5.0], []),
      absent,
    ];
    const options = { rounds: 3, signal: new AbortController().signal, onProgress: () => {} };
    const comparison = await comparePeers(peers, task, options);
    expect(comparison.missing).toEqual({
      other: "it computes something else than ours: check number 1 is 5, 6.7 expected",
      absent: "absent is not installed; npm install absent",
    });
    // Two parts of each sample are summed; the first round is the warm-up.
    expect(timesOf(comparison, "ours")).toEqual([10, 11, 12]);
    expect(timesOf(comparison, "same")).toEqual([20, 21, 22]);
    expect(timesOf(comparison, "other")).toBeUndefined();
    expect(comparison.results[0]?.peakBytes).toBe(5e6);
  });

  it("takes a number that is none for a disagreement", () => {
    expect(disagreement([Number.NaN], [1])).toBe("check number 0 is NaN, 1 expected");
    expect(disagreement([1], [1, 2])).toBe("1 check numbers, 2 expected");
    expect(disagreement([0.001, 100], [0, 100])).toBeUndefined();
  });
});
