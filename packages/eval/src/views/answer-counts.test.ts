import { expect, it } from "vitest";
import { AnswerCounts } from "./answer-counts.ts";
import { confusionView } from "./confusion.ts";

it("shows what came in parts as it shows the whole", () => {
  // One row does not count, one has no answer, and the last class was never answered.
  const truths = [0, 1, 1, -1, 2, 0, 1];
  const answers = [0, 1, 0, 1, -1, 0, 1];
  const names = ["disc", "ring", "ring", "", "star", "disc", "ring"];
  const counts = new AnswerCounts(3);
  counts.add(truths.slice(0, 3), answers.slice(0, 3), names.slice(0, 3));
  counts.add(truths.slice(3), answers.slice(3), names.slice(3));
  const title = "Answers";
  const view = counts.view(title);
  expect(view).toEqual(confusionView({ title, classes: ["disc", "ring", "star"], truths, answers }));
  expect(view.classes).toEqual(["disc", "ring", "star", "no answer"]);
  expect(view.counts[2]).toEqual([0, 0, 0, 1]);
  expect(new AnswerCounts(1, ["cat"]).view(title).classes).toEqual(["cat"]);
});
