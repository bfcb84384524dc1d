import { expect, it } from "vitest";
import { valuesByName } from "./patterns.ts";

const names = ["encoder/0/mlp/kernel", "encoder/0/mlp/bias", "head/kernel", "head/bias"];

it("lets the first rule that matches the whole name win", () => {
  const rules = [
    ["head/kernel", 3],
    [".*/kernel", 0.03],
  ] as const;
  expect([...valuesByName("weightDecay", names, rules, 0)]).toEqual([
    ["encoder/0/mlp/kernel", 0.03],
    ["encoder/0/mlp/bias", 0],
    ["head/kernel", 3],
    ["head/bias", 0],
  ]);
  // A pattern is not searched for inside a name: "kernel" alone is the name of nothing.
  expect(() => valuesByName("weightDecay", names, [["kernel", 1]], 0)).toThrow(
    'weightDecay: the rule "kernel" matches no parameter; names are like "encoder/0/mlp/kernel", "encoder/0/mlp/bias", ' +
      '"head/kernel", "head/bias"',
  );
});

it("names a rule that an earlier one shadows, and a pattern that is none", () => {
  const shadowed = [
    [".*/kernel", 1],
    ["head/kernel", 2],
  ] as const;
  expect(() => valuesByName("weightDecay", names, shadowed, 0)).toThrow(
    'the rule "head/kernel" matches only names that earlier rules have taken ("head/kernel"); put it before them',
  );
  expect(() => valuesByName("frozen", names, [["(", true]], false)).toThrow('frozen: "(" is not a regular expression');
});
