import { expect, it } from "vitest";
import { didYouMean, didYouMeanOneOf, editDistance, nearestName } from "./nearest.ts";

it("counts edits", () => {
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("same", "same")).toBe(0);
});

it("finds the nearest name, or none that is far", () => {
  const names = ["learningRate", "batchSize", "steps"];
  expect(nearestName("learnigRate", names)).toBe("learningRate");
  expect(nearestName("batch_size", names)).toBe("batchSize");
  expect(nearestName("mixup", names)).toBeUndefined();
  expect(nearestName("learn", names)).toBe("learningRate");
  expect(nearestName("le", names)).toBeUndefined();
  expect(didYouMean("step", names)).toBe('; did you mean "steps"?');
  expect(didYouMean("zzzzzzzzzz", names)).toBe("");
  expect(didYouMeanOneOf("trian", "commands", ["train", "eval"])).toBe(
    '; did you mean "train"? The commands are train, eval',
  );
  expect(didYouMeanOneOf("zzzzzz", "commands", ["train", "eval"])).toBe("; the commands are train, eval");
});
