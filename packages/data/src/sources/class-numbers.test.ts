import { expect, it } from "vitest";
import { classNumber, numberedClasses } from "./class-numbers.ts";

it("takes whole numbers for classes, and anything else for none", () => {
  expect([3, 3n, true, 0, -2].map(classNumber)).toEqual([3, 3, 1, 0, -2]);
  // Each of these would be a class if its bits were cut to 32.
  expect([0.7, Number.NaN, 2 ** 32, 2n ** 32n, null, undefined, {}, new Uint8Array(1)].map(classNumber)).toEqual(
    new Array(8).fill(-1),
  );
});

it("names classes up to the largest label, as long as there can be so many", () => {
  expect(numberedClasses([1, -1, 2], "set")).toEqual(["0", "1", "2"]);
  expect(numberedClasses([], "set")).toEqual(["0"]);
  expect(() => numberedClasses([2 ** 20], "set")).toThrow("set: has the label 1048576, beyond 1048576 classes");
});
