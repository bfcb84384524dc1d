import { describe, expect, it } from "vitest";
import { ordersInThreads } from "./cases.ts";
import { hiddenShare, isComputeBound, ringOverPlain } from "./findings.ts";
import { ranksOf } from "./measure.ts";
import { shortVersion } from "./mpi.ts";
import { overlapTables } from "./tables.ts";

const layer = (ring: number) => {
  const times = { compute: 40, transfer: 20, transferBothWays: 10, plain: 64, ring, bidirectional: 42 };
  return {
    case: {
      layout: "gather",
      ranks: 4,
      rows: 2,
      inputs: 8,
      outputs: 8,
      link: { bytesPerSecond: 1.25e8, latencyMs: 2 },
    },
    times: Object.fromEntries(Object.entries(times).map(([part, time]) => [part, [time, time, time]])) as {
      readonly [part in keyof typeof times]: number[];
    },
    samples: {
      products: [{ size: 1, seconds: 1 }],
      sums: [{ size: 1, seconds: 1 }],
      messages: [{ size: 1, seconds: 1 }],
    },
  } as const;
};

describe("what ranks measured", () => {
  it("becomes shares and ratios", () => {
    // Of 40 + 20 ms, 20 can be hidden behind the 30 ms that have a block to wait for; both ways, 10.
    expect(hiddenShare(layer(45), "ring")).toBe(0.75);
    expect(hiddenShare(layer(45), "bidirectional")).toBe(0.8);
    expect(isComputeBound(layer(45))).toBe(true);
    expect(ringOverPlain(layer(48))).toBe(0.75);
  });

  it("is shown with its link, as injected or as the network was shaped", () => {
    const cells = (answer: { transport: string; gigabits?: number }) =>
      overlapTables([{ ...answer, layers: [layer(45)], blocks: [] }], "")[0]?.rows[0]?.slice(0, 4);
    expect(cells({ transport: "threads" })).toEqual(["threads", "1 Gbit/s, 2 ms", "4", "gather"]);
    expect(cells({ transport: "MPICH 4.0.2", gigabits: 0.5 })).toEqual([
      "MPICH 4.0.2",
      "0.5 Gbit/s, 2 ms",
      "4",
      "gather",
    ]);
  });
});

it("orders are for one number of ranks", () => {
  expect(ordersInThreads("quick").map(ranksOf)).toEqual([2, 4]);
  const [two, four] = ordersInThreads("full");
  expect(() => ranksOf({ ...two!, blocks: four!.blocks })).toThrow("its cases are for 2, 4; give an order for each");
  expect(() => ranksOf({ layers: [], blocks: [], rounds: 1 })).toThrow("its cases are for none");
});

it("libraries of MPI have short names", () => {
  expect(shortVersion("MPICH Version:\t4.0.2")).toBe("MPICH 4.0.2");
  expect(shortVersion("Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4")).toBe("Open MPI 4.1.4");
  expect(shortVersion("Another 1.0")).toBe("Another 1.0");
});
