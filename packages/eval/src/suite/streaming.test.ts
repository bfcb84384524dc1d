import { random } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { detectionSuite } from "../calibration/detection-suite.ts";
import { corruptionSuite } from "../corruptions/suite.ts";
import { knnSuite } from "../features/suites.ts";
import { sixteenClassMap } from "../human/sixteen-classes.ts";
import { humanSuite } from "../human/suite.ts";
import { oodSuite } from "../ood/suite.ts";
import { numberColumn, type Table, table, tableRows, textColumn, vectorColumn } from "../table/index.ts";
import { accumulateAll } from "./accumulate.ts";
import type { Suite, SuiteResult } from "./suite.ts";

const rows = 96;
const uniform = (stream: number, length = rows) =>
  Array.from(random.threefryBits(stream, 6, length), (word) => (word >>> 0) / 2 ** 32);
const vectors = (stream: number, width: number) =>
  vectorColumn(
    Float32Array.from(uniform(stream, rows * width), (share) => 4 * share),
    width,
  );
const cycle = <T>(values: readonly T[], every = 1) =>
  Array.from({ length: rows }, (_, row) => values[Math.floor(row / every) % values.length]!);

/** Suites, and tables whose parts differ: files list one class, corruption or data set after the other. */
const cases: Record<string, { suite: Suite; whole: Table }> = {
  "ood, of folders that the first parts know nothing of": {
    suite: oodSuite({
      datasets: [
        {
          name: "pets",
          title: "Pets",
          crop: "square",
          uncounted: ["ant", "bee"],
          map: { name: "pets", sourceClasses: 6, classes: ["cat", "dog"], sources: [[0, 4], [2]] },
        },
      ],
      dataset: "pets",
    }),
    whole: table({
      class: textColumn(cycle(["ant", "bee", "cat", "dog"], 24)),
      label: numberColumn(cycle([0, 1, 2, 3], 24)),
      scores: vectors(1, 6),
    }),
  },
  "ood, of several data sets": {
    suite: oodSuite(),
    whole: table({
      dataset: textColumn(cycle(["imagenet", "imagenet-a", "imagenet-real"], 20)),
      label: numberColumn(uniform(2).map((share) => Math.floor(200 * share) - 1)),
      accepted: textColumn(cycle(["3 5", "", "7"])),
      scores: vectors(3, 1000),
    }),
  },
  corruptions: {
    suite: corruptionSuite(),
    whole: table({
      corruption: textColumn(cycle(["", "fog", "snow"], 32)),
      severity: numberColumn(cycle([0, 2, 5], 32)),
      label: numberColumn(cycle([0, 1, 2])),
      class: textColumn(cycle(["disc", "ring", "star"])),
      scores: vectors(4, 3),
    }),
  },
  "human, of the sixteen categories": {
    suite: humanSuite(),
    whole: table({
      category: textColumn(cycle(sixteenClassMap.classes, 6)),
      image: textColumn(cycle(Array.from({ length: rows }, (_, row) => `cat${row}-dog${row}.png`))),
      scores: vectors(5, 1000),
    }),
  },
  "human, of classes of its own": {
    suite: humanSuite(),
    whole: table({
      label: numberColumn(cycle([0, 1, 2], 32)),
      class: textColumn(cycle(["disc", "ring", "star"], 32)),
      "texture-class": numberColumn(cycle([0, 1, 2])),
      scores: vectors(6, 3),
    }),
  },
  detection: {
    suite: detectionSuite(),
    whole: table({
      distribution: textColumn(cycle(["train", "in", "stripes"], 16)),
      label: numberColumn(cycle([0, 1])),
      features: vectors(7, 3),
      scores: vectors(8, 2),
    }),
  },
  "frozen features": {
    suite: knnSuite({ neighbours: [3] }),
    whole: table({
      split: textColumn(cycle(["train", "test"], 48)),
      label: numberColumn(cycle([4, 9], 7)),
      features: vectors(9, 3),
      scores: vectors(10, 2),
    }),
  },
};

function* partsOf(whole: Table, size: number): Generator<Table> {
  for (let start = 0; start < whole.length; start += size) {
    const length = Math.min(size, whole.length - start);
    yield tableRows(
      whole,
      Int32Array.from({ length }, (_, i) => start + i),
    );
  }
}

/** Numbers to ten digits: sums of parts round otherwise than those of the whole. */
const rounded = (result: SuiteResult) =>
  JSON.parse(
    JSON.stringify(result, (_, value) => (typeof value === "number" ? `${Number(value.toPrecision(10))}` : value)),
  ) as unknown;

describe.each(Object.entries(cases))("%s", (_, { suite, whole }) => {
  it("comes to the same in parts", async () => {
    const options = { replicates: 5 };
    const [running] = await accumulateAll([suite], partsOf(whole, 7), options);
    expect(rounded(await running!.result())).toEqual(rounded(await suite.run(whole, options)));
  });
});

it("names the row of a broken score within the whole table", async () => {
  for (const name of ["ood, of several data sets", "corruptions", "human, of classes of its own", "detection"]) {
    const { suite, whole } = cases[name]!;
    const { columns } = tableRows(
      whole,
      Array.from({ length: rows }, (_, row) => row),
    );
    const scores = columns.get("scores") as ReturnType<typeof vectorColumn>;
    scores.data[40 * scores.width] = Number.NaN;
    const broken = table(columns, "broken.csv");
    await expect(accumulateAll([suite], partsOf(broken, 7)), name).rejects.toThrow("broken.csv: row 40: ");
  }
});
