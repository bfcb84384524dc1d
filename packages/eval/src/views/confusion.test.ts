import { expect, it } from "vitest";
import { numberColumn, table, textColumn } from "../table/index.ts";
import { classNames } from "./class-names.ts";
import { confusionView } from "./confusion.ts";

it("counts true classes down and answers across", () => {
  const view = confusionView({ title: "T", classes: ["a", "b"], truths: [0, 0, 1, -1], answers: [0, 1, 1, 0] });
  expect(view).toEqual({
    ...{ kind: "confusion", title: "T", classes: ["a", "b"] },
    counts: [
      [1, 1],
      [0, 1],
    ],
  });
});

it("has a class of its own for no answer", () => {
  const { classes, counts } = confusionView({ title: "T", classes: ["a"], truths: [0, 0], answers: [0, -1] });
  expect(classes).toEqual(["a", "no answer"]);
  expect(counts).toEqual([
    [1, 1],
    [0, 0],
  ]);
});

it("keeps the classes with the most mistakes of many, and every row", () => {
  // Class i of 200 is answered as class i + 1 where i ends in 5: 20 pairs, 40 classes with one mistake each, of which 39 are kept.
  const truths = Array.from({ length: 200 }, (_, i) => i);
  const answers = truths.map((i) => (i % 10 === 5 ? i + 1 : i));
  const { classes, counts, note } = confusionView({ title: "T", classes: truths.map(String), truths, answers });
  expect(classes.slice(0, 4)).toEqual(["5", "6", "15", "16"]);
  expect(classes.at(-1)).toBe("all others");
  expect(counts[0]!.slice(0, 2)).toEqual([0, 1]);
  expect(counts.flat().reduce((sum, value) => sum + value)).toBe(200);
  // 160 classes without mistakes; 196, which is the 40th, is right about itself too.
  expect(counts.at(-1)!.at(-1)).toBe(161);
  expect(note).toBe("The 39 of 200 classes with the most mistakes.");
});

it("names classes as the table does, else by number", () => {
  const named = table({ class: textColumn(["ring", "disc"]), label: numberColumn([2, 0]) });
  expect(classNames(named, [2, 0], 3)).toEqual(["disc", "1", "ring"]);
  expect(classNames(table({ class: numberColumn([4]) }), [0], 1)).toEqual(["0"]);
});
