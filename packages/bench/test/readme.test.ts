import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { lower, median, names, upper } from "./readme-example.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

it("the README shows the example", () => {
  expect(read("../README.md")).toContain(read("./readme-example.ts").trim());
});

it("the example does what it says", () => {
  expect([lower, median, upper]).toEqual([1.5, 1.5, 1.5]);
});

it("the README has a row for every claim", () => {
  const rows = [...read("../README.md").matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name);
  expect(rows).toEqual(names);
});
