import { describe, expect, it } from "vitest";
import { type Subset, samplesOf } from "./subset.ts";

const classes = ["a", "b", "c"];
// 30 samples, ten of each class, sorted by class as a folder of classes is.
const labels = Int32Array.from({ length: 30 }, (_, i) => Math.floor(i / 10));

describe("samplesOf", () => {
  it("takes all, or a range", () => {
    expect([...samplesOf(undefined, labels, classes)]).toEqual([...labels.keys()]);
    expect([...samplesOf({ kind: "range", from: 2, to: 5 }, labels, classes)]).toEqual([2, 3, 4]);
  });

  it("splits into two parts without a common sample, mixed over classes", () => {
    const parts = (["chosen", "rest"] as const).map((part) =>
      samplesOf({ kind: "share", share: 0.3, part, seed: 1 }, labels, classes),
    );
    expect(parts.map((part) => part.length)).toEqual([9, 21]);
    expect(parts.flatMap((part) => [...part]).sort((a, b) => a - b)).toEqual([...labels.keys()]);
    expect(new Set([...parts[0]!].map((index) => labels[index])).size).toBe(3);
  });

  it("takes equally many of each class, others with another seed", () => {
    const few = samplesOf({ kind: "perClass", count: 4, seed: 0 }, labels, classes);
    for (const label of [0, 1, 2]) expect([...few].filter((index) => labels[index] === label)).toHaveLength(4);
    expect(samplesOf({ kind: "perClass", count: 4, seed: 1 }, labels, classes)).not.toEqual(few);
  });

  it.each([
    [{ kind: "range", to: 31 }, "a subset from 0 to 31 of 30 samples; give integers from 0 to 30"],
    [{ kind: "range", from: 5, to: 5 }, 'the subset {"kind":"range","from":5,"to":5} of 30 samples is empty'],
    [{ kind: "share", share: 2, part: "rest" }, "a subset with share 2; give a number from 0 to 1"],
    [{ kind: "perClass", count: 1.5 }, "count of the subset is 1.5; give an integer, 1 or more"],
    [{ kind: "perClass", count: 11 }, 'a subset of 11 per class, but "a" has 10; ask for fewer'],
  ] as const)("refuses %j", (subset, message) => {
    expect(() => samplesOf(subset, labels, classes)).toThrow(message);
  });

  it.each([
    [{ kind: "some" }, 'kind of the subset is "some"; give "range" or "share" or "perClass"'],
    [{ kind: "share", share: 0.5, part: "others" }, 'part of the subset is "others"; give "chosen" or "rest"'],
    [{ kind: "range", form: 2 }, '"form" is no field of the subset; did you mean "from"?'],
  ])("refuses %j, where TypeScript does not see it", (subset, message) => {
    expect(() => samplesOf(subset as Subset, labels, classes)).toThrow(message);
  });
});
