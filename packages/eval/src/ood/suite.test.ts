import { describe, expect, it } from "vitest";
import { numberColumn, type Table, table, textColumn, vectorColumn } from "../table/index.ts";
import type { ConditionsView, ConfusionView } from "../views/index.ts";
import { acceptLists } from "./accepted.ts";
import { oodDataset, oodDatasets, oodPreprocess } from "./datasets.ts";
import { imagenetA } from "./maps/imagenet-a.ts";
import { objectNet, objectNetOthers } from "./maps/object-net.ts";
import { oodSuite } from "./suite.ts";
import { trimBorder } from "./trim-border.ts";

/** Rows of 1000 scores in which the given classes lead, best first. */
function scoresOf(...ranked: number[][]) {
  const data = new Float32Array(1000 * ranked.length);
  for (const [row, list] of ranked.entries()) {
    for (const [place, label] of list.entries()) data[1000 * row + label] = 10 - place;
  }
  return vectorColumn(data, 1000);
}
const run = (predictions: Table, options?: Parameters<typeof oodSuite>[0]) => oodSuite(options).run(predictions);

describe("the OOD suite", () => {
  it("decides among the classes of each data set", async () => {
    // Class 0 (tench) is in neither ImageNet-A nor ObjectNet; class 0 of A is 6, class 2 is 13, and ObjectNet's clock is 409 or 530.
    const { metrics, tables, plots, views } = await run(
      table({
        dataset: textColumn(["imagenet-a", "imagenet-a", "objectnet", "imagenet", "objectnet"]),
        label: numberColumn([0, 2, 0, 0, -1]),
        scores: scoresOf([0, 6], [13], [530, 409], [0], [1]),
      }),
    );
    expect(metrics["imagenet-a/top1"]).toMatchObject({ value: 1, count: 2 });
    expect(metrics["imagenet-a/top1-all-classes"]).toMatchObject({ value: 0.5, count: 2 });
    expect(metrics["objectnet/top1"]).toMatchObject({ value: 1, count: 1 });
    expect(metrics["imagenet/top1"]).toMatchObject({ value: 1, count: 1 });
    expect(metrics["imagenet-a-clean/top1"]!.count).toBe(0);
    expect(tables[0]!.rows.map(([title]) => title)).toEqual(["ImageNet-A", "ObjectNet", "ImageNet"]);
    expect(plots[0]!.svg).toContain("ObjectNet");
    const [accuracy, ...answers] = views as [ConditionsView, ...ConfusionView[]];
    expect(accuracy.conditions).toEqual(["ImageNet-A", "ObjectNet", "ImageNet"]);
    expect(accuracy.observers[0]!.values).toEqual([1, 1, 1]);
    // Rows that count: two, one of ObjectNet's two, one; all on the diagonals.
    expect(answers.map(({ counts }) => counts.flat().reduce((sum, value) => sum + value))).toEqual([2, 1, 1]);
    expect(answers.map(({ counts }) => counts.reduce((sum, row, i) => sum + row[i]!, 0))).toEqual([2, 1, 1]);
  });

  it("reads the names of folders, and lists of right classes", async () => {
    const folders = table({ class: textColumn(["winter_glove", "air_freshener"]), scores: scoresOf([658], [1]) });
    const { metrics, notes } = await run(folders, { dataset: "objectnet" });
    expect(metrics["objectnet/top1"]).toMatchObject({ value: 1, count: 1 });
    expect(notes).toEqual([
      "1 image of ObjectNet left out, without a label that counts.",
      "Scores were taken for logits; nothing was said of them.",
    ]);

    const lists = { accepted: textColumn(["3 5", "", "7"]), scores: scoresOf([5], [5], [5]) };
    const real = await run(table(lists), { dataset: "imagenet-real" });
    expect(real.metrics["imagenet-real/top1"]).toMatchObject({ value: 0.5, count: 2 });
    const given = { dataset: "imagenet-real", real: acceptLists([[3, 5], [], [7]]) };
    expect((await run(table({ scores: lists.scores }), given)).metrics).toEqual(real.metrics);
  });

  it("finds the lists of ImageNet-ReaL by the names of images, in whatever order and number", async () => {
    const given = { dataset: "imagenet-real", real: acceptLists([[3, 5], [], [7]]) };
    const named = (...names: string[]) =>
      table({ image: textColumn(names), scores: scoresOf(...names.map(() => [5])) });
    const valid = (number: number) => `n0144/ILSVRC2012_val_0000000${number}.JPEG`;
    // By their order the first would be right, by their names the last one is.
    const { metrics, notes } = await run(named(valid(3), valid(2), valid(1)), given);
    expect(metrics["imagenet-real/top1"]).toMatchObject({ value: 0.5, count: 2 });
    expect((await run(named(valid(3), valid(2)), given)).metrics["imagenet-real/top1"]).toMatchObject({ value: 0 });
    expect(notes.join()).not.toContain("in the order of the validation set");
    const unnamed = await run(named("a", "b", "c"), given);
    expect(unnamed.metrics["imagenet-real/top1"]!.value).toBe(0.5);
    expect(unnamed.notes.join()).toContain("Rows of ImageNet-ReaL are taken to be in the order of the validation set");
    await expect((async () => run(named(valid(1), valid(4)), given))()).rejects.toThrow(
      "row 1: the image is none of the 3 of ImageNet-ReaL",
    );
    await expect((async () => run(named(valid(1), "b"), given))()).rejects.toThrow("row 1: the image is none of the 3");
    await expect((async () => run(named("a", "b"), given))()).rejects.toThrow(
      "has 2 rows of ImageNet-ReaL, which has 3 images, and no names that tell which they are",
    );
    await expect((async () => run(named("a"), { real: given.real }))()).rejects.toThrow(
      "lists of right classes (real) are given, but its images are of imagenet; name those of ImageNet-ReaL",
    );
  });

  it("takes the folders of ImageNet-V2 by their names, not by their order as texts", async () => {
    // As folders sort: "10" before "2".
    const folders = { class: textColumn(["10", "2"]), label: numberColumn([0, 1]), scores: scoresOf([10], [2]) };
    expect((await run(table(folders), { dataset: "imagenet-v2" })).metrics["imagenet-v2/top1"]!.value).toBe(1);
    const elsewhere = { ...folders, class: textColumn(["n01440764", "n01443537"]), scores: scoresOf([0], [1]) };
    expect((await run(table(elsewhere))).metrics["imagenet/top1"]!.value).toBe(1);
    const both = {
      dataset: textColumn(["imagenet-v2", "imagenet"]),
      class: textColumn(["10", "n01443537"]),
      label: numberColumn([0, 1]),
      scores: scoresOf([10], [1]),
    };
    const { metrics } = await run(table(both));
    expect(metrics["imagenet-v2/top1"]!.value).toBe(1);
    expect(metrics["imagenet/top1"]).toMatchObject({ value: 1, count: 1 });
  });

  it.each<[string, string, string[]]>([
    [
      "imagenet-a",
      'row 1: class "n99999999" is none of ImageNet-A, which are "n01498041", ',
      ["n01498041", "n99999999"],
    ],
    // n01558993 is a folder of ImageNet-A that ImageNet-R lacks.
    ["imagenet-r", 'row 1: class "n01558993" is none of ImageNet-R', ["n01443537", "n01558993"]],
    ["imagenet-r", 'row 0: class "n01558993" is none of ImageNet-R', ["n01558993", "n01558993"]],
    ["imagenet-v2", 'row 1: class "1001" is none of ImageNet-V2, which are "0", "1", … "999"', ["10", "1001"]],
    ["objectnet", 'class "alarm_clok" is none of ObjectNet, ', ["winter_glove", "alarm_clok"]],
    ["objectnet", '; did you mean "alarm_clock"?; correct it, name the data set', ["winter_glove", "alarm_clok"]],
    ["pets", 'row 1: class "fish" is none of Pets, which are "cat", "dog"; correct it', ["cat", "fish"]],
  ])("refuses classes that %s does not have: %s", (dataset, message, names) => {
    const map = { name: "pets", sourceClasses: 1000, classes: ["cat", "dog"], sources: [[281], [207]] };
    const pets = { name: "pets", title: "Pets", crop: "square", map } as const;
    // Numbers of folders as they were sorted tell nothing of classes that have names.
    const given = table({ class: textColumn(names), label: numberColumn([0, 1]), scores: scoresOf([0], [0]) });
    expect(() => run(given, { dataset, datasets: [pets] })).toThrow(message);
  });

  it("leaves out what is known not to count, and rows without a name", async () => {
    expect(new Set([...objectNet.classes, ...objectNetOthers]).size).toBe(313);
    const names = textColumn(["winter_glove", "Air freshener", ""]);
    const { metrics, notes } = await run(table({ class: names, scores: scoresOf([658], [1], [1]) }), {
      dataset: "objectnet",
    });
    expect(metrics["objectnet/top1"]).toMatchObject({ value: 1, count: 1 });
    expect(notes[0]).toBe("2 images of ObjectNet left out, without a label that counts.");
  });

  it("measures plain accuracy of a model of other classes", async () => {
    const small = { label: numberColumn([0, 1]), scores: vectorColumn(Float32Array.of(0, 1, 0, 1), 2) };
    const { metrics, views } = await run(table({ ...small, class: textColumn(["disc", "ring"]) }));
    expect(metrics["own/top1"]).toMatchObject({ value: 0.5, count: 2 });
    expect(views).toMatchObject([
      {
        classes: ["disc", "ring"],
        counts: [
          [0, 1],
          [0, 1],
        ],
      },
    ]);
  });

  it("takes labels of a model's own classes, where these are called by other numbers", async () => {
    // Folders 0, 1, 10, 2 are the classes 0 to 3.
    const names = ["0", "1", "10", "2"];
    const scores = vectorColumn(
      Float32Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0)),
      4,
    );
    const { metrics } = await run(table({ scores, label: numberColumn([0, 1, 2, 3]), class: textColumn(names) }));
    expect(metrics["own/top1"]).toMatchObject({ value: 1, count: 4 });
  });

  it.each<[string, () => unknown]>([
    [
      'row 0: class "disc" is none of own classes, which are "0", "1"; give their numbers in a column "label" and no column "class", or a label map',
      () => run(table({ scores: vectorColumn(Float32Array.of(0, 1), 2), class: textColumn(["disc"]) })),
    ],
    [
      "has scores of 10 classes, but ImageNet-A needs a model of 1000",
      () =>
        run(table({ label: numberColumn([0]), scores: vectorColumn(new Float32Array(10), 10) }), {
          dataset: "imagenet-a",
        }),
    ],
    [
      "row 1: label 200 is no class of ImageNet-A, which has 200, numbered from 0",
      () => run(table({ label: numberColumn([0, 200]), scores: scoresOf([0], [0]) }), { dataset: "imagenet-a" }),
    ],
    [
      'row 1: data set "imagenet-b" is not known; did you mean "imagenet-r"?; known are imagenet,',
      () =>
        run(
          table({
            dataset: textColumn(["imagenet", "imagenet-b"]),
            label: numberColumn([0, 0]),
            scores: scoresOf([0], [0]),
          }),
        ),
    ],
    [
      'row 0: accepted is "3 x"; give classes from 0 to 999',
      () => run(table({ accepted: textColumn(["3 x"]), scores: scoresOf([0]) }), { dataset: "imagenet-real" }),
    ],
    [
      "row 0: has 1 row of ImageNet-ReaL, whose images have lists of right classes",
      () => run(table({ label: numberColumn([3]), scores: scoresOf([0]) }), { dataset: "imagenet-real" }),
    ],
    [
      "row 1: logit 7 is NaN",
      () => {
        const broken = scoresOf([0], [0]);
        broken.data[1007] = Number.NaN;
        return run(table({ label: numberColumn([0, 0]), scores: broken }));
      },
    ],
    [
      'there is no data set "imagenet-aa"; did you mean "imagenet-a"?',
      () => run(table({}), { dataset: "imagenet-aa" }),
    ],
  ])("%s", async (message, act) => {
    await expect((async () => act())()).rejects.toThrow(message);
  });
});

describe("lists of the best classes", () => {
  const top = (lists: number[][], probability?: number[][]) =>
    table(
      {
        dataset: textColumn(["imagenet", "imagenet-a"]),
        label: numberColumn([3, 2]),
        top: vectorColumn(Float32Array.from(lists.flat()), lists[0]!.length),
        ...(probability && {
          probability: vectorColumn(Float32Array.from(probability.flat()), probability[0]!.length),
        }),
      },
      "top.csv",
    );

  it("are enough for accuracy", async () => {
    // Class 2 of ImageNet-A is 13, after a class that it has not.
    const { metrics } = await run(
      top(
        [
          [1, 3, 4, 5, 6],
          [0, 13, 17, 1, 2],
        ],
        [
          [0.4, 0.3, 0.2, 0.1, 0],
          [0.9, 0.1, 0, 0, 0],
        ],
      ),
    );
    expect(metrics["imagenet/top1"]!.value).toBe(0);
    expect(metrics["imagenet/top5"]!.value).toBe(1);
    expect(metrics["imagenet-a/top1"]!.value).toBe(1);
    expect(metrics["imagenet-a/top1-all-classes"]!.value).toBe(0);
  });

  it("are of ImageNet where its last class occurs or it is named, else of the model's own classes", async () => {
    const lists = (last: number, dataset = {}) =>
      table({
        label: numberColumn([0, 3, 1]),
        top: vectorColumn(Float32Array.of(0, 1, 2, last, 1, 2), 2),
        ...dataset,
      });
    const ten = await run(lists(9));
    expect(Object.keys(ten.metrics)).toEqual(["own/top1"]);
    expect(ten.metrics["own/top1"]).toMatchObject({ value: 2 / 3, count: 3 });
    expect(ten.notes[0]).toContain("these reach up to 9 and were taken for the model's own");
    const all = await run(lists(999));
    expect(Object.keys(all.metrics)).toContain("imagenet-a-clean/top1");
    expect(all.notes.join()).not.toContain("taken for the model's own");
    const named = await run(lists(9), { dataset: "imagenet" });
    expect(named.metrics["imagenet/top1"]!.value).toBe(2 / 3);
    const column = await run(lists(9, { dataset: textColumn(new Array(3).fill("imagenet")) }));
    expect(column.metrics["imagenet/top1"]!.value).toBe(2 / 3);
  });

  it("say where they end before they tell: accuracy is then a lower bound, and has no interval", async () => {
    // The second list has none of the classes of ImageNet-A, so that its best one among them is not known.
    const labels = { dataset: textColumn(["imagenet-a", "imagenet-a"]), label: numberColumn([2, 2]) };
    const lists = Float32Array.of(0, 13, 17, 1, 2, 0, 1, 2, 3, 4);
    const { metrics, notes } = await run(table({ ...labels, top: vectorColumn(lists, 5) }));
    expect(metrics["imagenet-a/top1"]).toEqual({ value: 0.5, low: Number.NaN, high: Number.NaN, count: 2 });
    expect(metrics["imagenet-a/top1-all-classes"]!.high).toBeGreaterThan(0);
    expect(notes[0]).toBe(
      "imagenet-a/top1 is a lower bound, of at most 1: the lists of 1 image end before the first of its classes.",
    );
  });

  it.each([
    [
      [
        [1, 2],
        [3, 1000],
      ],
      undefined,
      "top.csv: row 1: top has 1000, which is no class; there are 1000, numbered from 0",
    ],
    [
      [
        [1, 2],
        [-3, 4],
      ],
      undefined,
      "top.csv: row 1: top has -3, which is no class",
    ],
    [
      [
        [1, 1],
        [3, 4],
      ],
      undefined,
      "top.csv: row 0: top has class 1 twice",
    ],
    [
      [
        [1, 2],
        [3, 4],
      ],
      [[1], [1]],
      "top.csv: has 2 classes in top and 1 numbers in probability",
    ],
    [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [0.5, 0.1],
        [0.5, Number.NaN],
      ],
      "top.csv: row 1: probability has NaN, which is not between 0 and 1",
    ],
    [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [0.5, 0.75],
        [0.5, 0.1],
      ],
      "top.csv: row 0: probability 0.75 comes after 0.5; give the best first",
    ],
    [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [0.75, 0.5],
        [0.5, 0.1],
      ],
      "top.csv: row 0: probabilities of some classes sum to 1.25, more than 1",
    ],
  ])("are refused where they are none (%#)", (lists, probability, message) => {
    expect(() => run(top(lists, probability))).toThrow(message);
  });
});

it("refuses probabilities that do not sum to one, unless they are said to be logits", async () => {
  const scores = vectorColumn(Float32Array.of(0.5, 0.5, 0.5, 0.6), 2);
  const broken = table({ label: numberColumn([0, 1]), scores }, "p.csv");
  expect(() => run(broken)).toThrow(
    "p.csv: row 1: probabilities sum to 1.1, not to 1; if the scores are logits, say so",
  );
  expect((await run(broken, { scores: "logits" })).metrics["own/top1"]!.value).toBe(1);
});

describe("crops of the data sets", () => {
  it("are the two rules of the paper", () => {
    const names = (name: string) => oodPreprocess(oodDataset(name), 224).map(({ op, options }) => [op, options]);
    expect(names("imagenet-r")).toEqual([
      ["resize", { size: 256 }],
      ["centralCrop", { size: 224 }],
    ]);
    expect(names("imagenet-a")).toEqual([
      ["resizeSmall", { side: 299 }],
      ["centralCrop", { size: 224 }],
    ]);
    expect(names("objectnet")[0]).toEqual(["trimBorder", { pixels: 2 }]);
    const aspect = oodDatasets.filter(({ crop }) => crop === "aspect").map(({ map }) => map);
    expect(aspect).toEqual([objectNet, imagenetA]);
  });

  it("take the border away", () => {
    const image = { height: 4, width: 5, channels: 1, data: Uint8Array.from({ length: 20 }, (_, i) => i) };
    const trim = trimBorder.compile({ pixels: 1 });
    expect(trim(image, undefined as never)).toEqual({
      height: 2,
      width: 3,
      channels: 1,
      data: Uint8Array.of(6, 7, 8, 11, 12, 13),
    });
    expect(() => trimBorder.compile({ pixels: 2 })(image, undefined as never)).toThrow(
      "leaves nothing of an image of 4x5",
    );
    expect(() => trimBorder({ pixels: -1 })).toThrow("trimBorder of -1 pixels; give 0 or more");
  });
});
