import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { numberColumn, vectorColumn } from "../table/column.ts";
import { table } from "../table/table.ts";
import { runSuites } from "./run-suites.ts";
import { forLogits, makeSuite, type SuiteName, suiteNames } from "./specs.ts";

const folder = mkdtempSync(join(tmpdir(), "vitscale-suites-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("makeSuite", () => {
  it.each(suiteNames)("knows %s, which says what it measures and needs", async (name) => {
    const suite = await makeSuite(name);
    expect(suite.name).toBe(name);
    expect(suite.measures).toMatch(/^[a-z].*[^.]$/);
    expect(Object.keys(suite.needs).length).toBeGreaterThan(0);
  });

  it("names the nearest of an unknown one", async () => {
    await expect(makeSuite({ suite: "calibration", binz: 5 } as never)).rejects.toThrow(
      'the suite calibration has no option "binz"; did you mean "bins"?; it has scores, bins',
    );
    await expect(makeSuite({ suite: "human", scores: "logit" } as never)).rejects.toThrow(
      'human.scores is "logit"; it must be "probabilities" or "logits"; did you mean "logits"?',
    );
    await expect(makeSuite("callibration" as SuiteName)).rejects.toThrow(
      'there is no suite "callibration"; did you mean "calibration"?; there are calibration,',
    );
  });
});

it("tells suites that our own models give logits", () => {
  expect(forLogits("calibration")).toEqual({ suite: "calibration", scores: "logits" });
  expect(forLogits({ suite: "human", scores: "probabilities" })).toEqual({ suite: "human", scores: "probabilities" });
  expect(forLogits("knn")).toEqual({ suite: "knn" });
});

describe("runSuites", () => {
  it("writes a result for each suite", async () => {
    const predictions = table({
      label: numberColumn([0, 1, 1, 0]),
      "texture-class": numberColumn([1, 0, 0, 1]),
      scores: vectorColumn(Float32Array.of(0.8, 0.2, 0.4, 0.6, 0.7, 0.3, 0.9, 0.1), 2),
    });
    const suites = [await makeSuite({ suite: "calibration", bins: 10 }), await makeSuite("human")];
    const facts = { folder, prefix: "validation", source: "four rows", step: 20, replicates: 10 };
    const [calibration, human] = await runSuites(suites, predictions, facts);
    expect(calibration!.result.metrics.accuracy!.value).toBe(0.75);
    expect(human!.result.metrics["shape-bias"]!.value).toBe(0.75);
    const files = readdirSync(folder);
    expect(files).toEqual(
      expect.arrayContaining(["validation-calibration-00000020.json", "validation-human-00000020.md"]),
    );
    expect(files).toContain("validation-human-shape-bias-00000020.svg");
  });
});
