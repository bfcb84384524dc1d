import { hostTensor } from "@vitscale/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acceptedAccuracy, acceptLabels, acceptLists } from "./accepted.ts";
import { corruptionError } from "./corruption-error.ts";
import { decide, restrictDecisions } from "./decisions.ts";
import { identityMap } from "./label-map.ts";
import { parseRealLabels } from "./real-labels.ts";

const scores = (rows: number[][]) =>
  hostTensor("float32", [rows.length, rows[0]?.length ?? 0], Float32Array.from(rows.flat()));

describe("decide", () => {
  it("ranks as a stable sort of all scores does", () => {
    // Few distinct values, so that ties are common.
    const row = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 4 }), (rows, k) => {
        const among = [1, 2, 4, 5];
        const sorted = rows.flatMap((values) => among.toSorted((a, b) => values[b]! - values[a]! || a - b).slice(0, k));
        expect([...decide(scores(rows), k, among).classes]).toEqual(sorted);
      }),
    );
  });

  it("names the row of a NaN", () => {
    expect(() =>
      decide(
        scores([
          [0, 1],
          [Number.NaN, 1],
        ]),
        1,
      ),
    ).toThrow("row 1 has a NaN score for class 0");
    expect(() => decide(scores([[0, 1]]), 3)).toThrow("the 3 best of 2 classes");
  });
});

describe("acceptedAccuracy", () => {
  const decisions = { k: 2, classes: Int32Array.of(3, 1, 0, 2, 1, 3) };

  it("counts images one of whose decisions is accepted, and leaves out those without a label", () => {
    const accepted = acceptLists([[1, 2], [], [1]]);
    expect(acceptedAccuracy(decisions, accepted, 1)).toMatchObject({ value: 1 / 2, count: 2 });
    expect(acceptedAccuracy(decisions, accepted, 2)).toMatchObject({ value: 1, count: 2 });
  });

  it("moves up what restriction leaves", () => {
    expect([...restrictDecisions(decisions, [1, 2]).classes]).toEqual([1, -1, 2, -1, 1, -1]);
  });

  it("names rows and counts that do not fit", () => {
    expect(() => acceptLabels([0, 7], identityMap(["a", "b"], "letters"))).toThrow(
      "row 1 has label 7, but letters has 2 classes, numbered from 0",
    );
    expect(() => acceptedAccuracy(decisions, acceptLists([[1]]))).toThrow("decisions on 3 images, but labels of 1");
    expect(() => acceptedAccuracy(decisions, acceptLists([[1], [1], [1]]), 3)).toThrow(
      "accuracy within 3 decisions of 2 for each image; give 1 to 2",
    );
    expect(() => parseRealLabels("[[1]]")).toThrow("holds 1 lists; give real.json");
  });
});

describe("corruptionError", () => {
  it("agrees with a count by hand", () => {
    const baseline = { clean: 0.2, corrupted: { fog: [0.5], snow: [0.4, 0.5, 0.6, 0.7, 0.8] } };
    const errors = { clean: 0.1, corrupted: { fog: [0.1, 0.2, 0.3, 0.4, 0.5], snow: [0.3] } };
    // fog 0.3/0.5 and 0.2/0.3, snow 0.3/0.6 and 0.2/0.4
    expect(corruptionError(errors, baseline)).toEqual({
      mean: expect.closeTo(55, 10),
      relativeMean: expect.closeTo((200 / 3 + 50) / 2, 10),
      of: {
        fog: { error: expect.closeTo(60, 10), relative: expect.closeTo(200 / 3, 10) },
        snow: { error: expect.closeTo(50, 10), relative: expect.closeTo(50, 10) },
      },
    });
    // Without the clean error all but the relative errors are the same.
    const { mean, relativeMean } = corruptionError({ corrupted: errors.corrupted }, baseline);
    expect([mean, relativeMean]).toEqual([expect.closeTo(55, 10), Number.NaN]);
  });

  it.each([
    [
      { clean: 0.1, corrupted: { pixelat: [0.1] } },
      'the baseline has no error for corruption "pixelat"; did you mean "pixelate"?',
    ],
    [{ clean: 0.1, corrupted: { fog: [0.1, 0.2] } }, 'corruption "fog" has errors at 2 severities'],
    [{ clean: 23, corrupted: { fog: [0.1] } }, "the clean error is 23; give shares of wrong images, 0 to 1"],
    [{ clean: 0.1, corrupted: { fog: [Number.NaN] } }, 'the error on "fog" at severity 1 is NaN'],
  ])("explains %j", (errors, message) => {
    expect(() => corruptionError(errors)).toThrow(message);
  });
});
