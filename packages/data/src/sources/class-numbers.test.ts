import { expect, it } from "vitest";
import { classNumber, classNumbers, numberedClasses } from "./class-numbers.ts";

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

it("keeps what is no class number, each once, to be told where it is read", () => {
  const { labels, strays } = classNumbers([1, "cat", -7, 2n, "cat", null, 2 ** 32, -7n], "set");
  expect([...labels]).toEqual([1, -1, -2, 2, -1, -3, -4, -2]);
  expect(strays).toEqual(['"cat"', "-7", "null", "4294967296"]);
});

it("takes lists for several classes each, an empty one for none, and what is no list for one", () => {
  const { labels, labelSets, strays } = classNumbers([[2, 0], [], 1, [1, "cat"], null], "set");
  expect([...labels]).toEqual([2, -1, 1, 1, -2]);
  expect([[...labelSets!.numbers], [...labelSets!.ends]]).toEqual([
    [2, 0, 1, 1, -1, -2],
    [0, 2, 2, 3, 5, 6],
  ]);
  expect(strays).toEqual(['"cat"', "null"]);
  expect(() => classNumbers([[], []], "set")).toThrow("set: none of its 0 labels is a class; say where");
});

it("refuses a set whose labels are something else", () => {
  expect(() => classNumbers(["cat"], "set")).toThrow('set: none of its 1 labels is a class; the first is "cat"');
  const names = Array.from({ length: 2 ** 16 + 1 }, (_, i) => `image-${i}.jpg`);
  expect(() => classNumbers([0, ...names], "set")).toThrow(
    'set: has more than 65536 different labels that are no class, such as "image-65536.jpg"; say where',
  );
});
