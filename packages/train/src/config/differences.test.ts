import { expect, it } from "vitest";
import { differences } from "./differences.ts";

it("names changed, new and removed fields by path", () => {
  const before = { steps: 100, model: { width: 32, heads: 2 }, decay: [["a", 1]], name: "x" };
  const after = { steps: 200, model: { width: 32, heads: 4 }, decay: [["a", 2]], seed: 1 };
  expect(differences(before, after)).toEqual([
    "steps: 100 → 200",
    "model.heads: 2 → 4",
    'decay: [["a",1]] → [["a",2]]',
    'name: "x" → absent',
    "seed: absent → 1",
  ]);
  expect(differences(before, structuredClone(before))).toEqual([]);
});
