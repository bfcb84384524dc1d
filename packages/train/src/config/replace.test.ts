import { expect, it } from "vitest";
import { replaceAt } from "./replace.ts";

it("copies what is on the path and shares the rest", () => {
  const before = { a: { b: [1, { c: 2 }] }, d: { e: 3 } };
  const after = replaceAt(before, "a.b.1.c", 5) as typeof before;
  expect(after).toEqual({ a: { b: [1, { c: 5 }] }, d: { e: 3 } });
  expect(after.d).toBe(before.d);
  expect(before.a.b[1]).toEqual({ c: 2 });
  expect(replaceAt({}, "x.y", 1)).toEqual({ x: { y: 1 } });
});
