import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { answer, shape, table } from "./readme-example.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

it("the README shows the example", () => {
  expect(read("../README.md")).toContain(read("./readme-example.ts").trim());
});

it("the example does what it says", () => {
  expect([...answer]).toEqual(new Array(20).fill(0));
  expect(shape).toEqual([2, 3, 64, 64]);
  expect(table).toContain("48 parallel blocks of width 6144");
});
