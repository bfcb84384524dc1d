import { expect, it } from "vitest";
import { errorCell, formatTable } from "./table.ts";

it("aligns columns", () => {
  expect(formatTable([["RUN", "STEP", "METRICS"], ["a-long-name", "5", ""], ["b"]])).toBe(
    "RUN          STEP  METRICS\na-long-name  5\nb",
  );
});

it("has the first line of an error, cut", () => {
  expect(errorCell("short")).toBe("short");
  expect(errorCell("these do not fit:\n  a\n  b")).toBe("these do not fit: …");
  expect(errorCell("x".repeat(100))).toHaveLength(100);
  expect(errorCell("x".repeat(101))).toBe(`${"x".repeat(99)}…`);
});
