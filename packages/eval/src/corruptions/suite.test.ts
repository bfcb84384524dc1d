import { describe, expect, it } from "vitest";
import { alexNetErrors, benchmarkCorruptions } from "../ood/corruption-error.ts";
import { type Column, numberColumn, table, textColumn, vectorColumn } from "../table/index.ts";
import type { ConditionsView, ConfusionView, HeatView } from "../views/index.ts";
import { corruptionSuite } from "./suite.ts";

/** `right` of `images` rows are right, at each severity of each corruption. */
function predictions(classes: number, images: number, right: Record<string, number[]>) {
  const rows = Object.entries(right).flatMap(([corruption, counts]) =>
    counts.flatMap((count, i) =>
      Array.from({ length: images }, (_, image) => ({
        corruption: corruption === "clean" ? "" : corruption,
        severity: corruption === "clean" ? 0 : i + 1,
        isRight: image < count,
      })),
    ),
  );
  const scores = new Float32Array(rows.length * classes);
  for (const [row, { isRight }] of rows.entries()) scores[row * classes + (isRight ? 1 : 0)] = 1;
  return table({
    label: numberColumn(rows.map(() => 1)),
    corruption: textColumn(rows.map(({ corruption }) => corruption)),
    severity: numberColumn(rows.map(({ severity }) => severity)),
    scores: vectorColumn(scores, classes),
  });
}

describe("the corruption suite", () => {
  it("divides by AlexNet's errors", async () => {
    const right = Object.fromEntries(benchmarkCorruptions.map((name) => [name, [2, 2, 2, 2, 2]]));
    const { metrics, tables, plots } = await corruptionSuite().run(predictions(1000, 4, { clean: [3], ...right }));
    expect(metrics["clean/accuracy"]).toMatchObject({ value: 0.75, count: 4 });
    expect(metrics["brightness/accuracy"]).toMatchObject({ value: 0.5, count: 20 });
    // Half is wrong everywhere, a quarter on clean images; AlexNet errs on 56.5 % under brightness and on 43.48 % of clean images.
    const [error, relative] = tables[0]!.rows.find(([name]) => name === "brightness")!.slice(6);
    expect(error).toBeCloseTo(50 / 0.565, 10);
    expect(relative).toBeCloseTo(25 / (0.565 - 0.4348), 10);
    const errors = Object.values(alexNetErrors.corrupted).flat();
    expect(metrics.mce!.value).toBeCloseTo(
      errors.reduce((sum, alexNet) => sum + 50 / alexNet / 15, 0),
      10,
    );
    expect(plots[0]!.svg).toContain("weather");
    // Half of 4 everywhere: the interval of each error is .150 to .850, and mCE grows with all alike.
    expect(metrics.mce!.low / metrics.mce!.value).toBeCloseTo(0.15 / 0.5, 3);
    expect(metrics.mce!.high / metrics.mce!.value).toBeCloseTo(0.85 / 0.5, 3);
  });

  it("needs clean images for relative mCE alone", async () => {
    const right = Object.fromEntries(benchmarkCorruptions.map((name) => [name, [2, 2, 2, 2, 2]]));
    const { metrics, tables, notes } = await corruptionSuite().run(predictions(1000, 4, right));
    const all = await corruptionSuite().run(predictions(1000, 4, { clean: [3], ...right }));
    // As many corrupted rows, and the four clean ones.
    expect(metrics.mce).toEqual({ ...all.metrics.mce, count: all.metrics.mce!.count - 4 });
    expect(metrics["relative-mce"]).toBeUndefined();
    expect(tables[0]!.columns.at(-1)).toBe("CE");
    expect(tables[0]!.rows.map((row) => row.length)).toEqual(new Array(15).fill(7));
    expect(notes[0]).toBe("There is no relative mCE: it needs clean images (corruption `clean`, severity 0).");
  });

  it("compares with the clean accuracy where there is no AlexNet", async () => {
    const { metrics, notes } = await corruptionSuite().run(predictions(10, 4, { clean: [4], fog: [3, 1], snow: [2] }));
    expect(metrics["mean-accuracy"]!.value).toBe(0.5);
    // Wilson's intervals of 3, 1 and 2 of 4, whose ends are averaged: .301 to .954, .046 to .699, .150 to .850.
    expect(metrics["fog/accuracy"]).toMatchObject({ value: 0.5, count: 8 });
    expect(metrics["fog/accuracy"]!.low).toBeCloseTo((0.3006 + 0.0456) / 2, 3);
    expect(metrics["mean-accuracy"]!.high).toBeCloseTo(((0.9544 + 0.6994) / 2 + 0.85) / 2, 3);
    expect(metrics["accuracy-kept"]!.low).toBeNaN();
    expect(metrics["accuracy-kept"]!.value).toBe(0.5);
    expect(metrics.mce).toBeUndefined();
    expect(notes).toEqual([
      "There is no mCE: it compares with AlexNet on ImageNet's 1000 classes, and these are 10.",
      "Scores were taken for probabilities; nothing was said of them.",
    ]);
  });

  it("shows accuracies by kind and by corruption, with gaps where a severity was not measured", async () => {
    const right = { clean: [4], fog: [3, 1], snow: [2] };
    const { views } = await corruptionSuite().run(predictions(10, 4, right));
    const [severity, heat, answers] = views as [ConditionsView, HeatView, ConfusionView];
    expect(severity.conditions).toEqual(["0", "1", "2", "3", "4", "5"]);
    const nothing = [Number.NaN, Number.NaN, Number.NaN];
    expect(severity.observers).toEqual([{ name: "weather", values: [1, (0.75 + 0.5) / 2, 0.25, ...nothing] }]);
    expect(heat.rows).toEqual(["fog", "snow"]);
    expect(heat.values).toEqual([
      [0.75, 0.25, ...nothing],
      [0.5, Number.NaN, ...nothing],
    ]);
    // All are of class 1, and what is not right is answered 0; clean images do not count.
    expect([answers.counts[1]![1], answers.counts[1]![0]]).toEqual([6, 6]);
  });

  it("names what is missing", async () => {
    const { notes } = await corruptionSuite().run(predictions(1000, 1, { clean: [1], fog: [1, 1, 1, 1, 1] }));
    expect(notes[0]).toMatch(/^There is no mCE: it needs all five severities of gaussian_noise, .*jpeg_compression\.$/);
    expect(() => corruptionSuite().run(predictions(10, 1, { clean: [1] }))).toThrow("has no corrupted rows");
    expect(() => corruptionSuite().run(predictions(10, 1, { fog: [1, 1, 1, 1, 1, 1] }))).toThrow(
      'row 5: corruption "fog" at severity 6; give 1 to 5, and 0 for clean images',
    );
    expect(() => corruptionSuite().run(predictions(10, 1, { fog: [1], fogg: [1] }))).toThrow(
      'row 1: there is no corruption "fogg"; did you mean "fog"?; there are gaussian_noise,',
    );
  });

  it("takes clean images without a severity, as a file with empty cells has them", async () => {
    const { columns } = predictions(10, 2, { clean: [1], fog: [2] });
    const severity = numberColumn(Float64Array.of(Number.NaN, Number.NaN, 1, 1));
    const run = (column: Column) => corruptionSuite().run(table(new Map(columns).set("severity", column), "t"));
    expect((await run(severity)).metrics["clean/accuracy"]).toMatchObject({ value: 0.5, count: 2 });
    // A reader that saw no severity in the first rows takes all for texts.
    expect(await run(textColumn(["", "", "1", "1"]))).toEqual(await run(severity));
    expect(() => run(textColumn(["", "", "1", "light"]))).toThrow(
      't: row 3: corruption "fog" at severity NaN; give 1 to 5',
    );
  });

  it("refuses probabilities that do not sum to one, unless they are said to be logits", async () => {
    const { columns } = predictions(10, 2, { fog: [2] });
    const scores = vectorColumn(
      Float32Array.from({ length: 20 }, (_, i) => (i < 10 ? 0.1 : 0.2)),
      10,
    );
    const broken = table(new Map(columns).set("scores", scores), "t");
    expect(() => corruptionSuite().run(broken)).toThrow(
      "t: row 1: probabilities sum to 2, not to 1; if the scores are logits, say so",
    );
    expect((await corruptionSuite({ scores: "logits" }).run(broken)).metrics["fog/accuracy"]!.value).toBe(0);
  });
});
