import { expect, it } from "vitest";
import { numberColumn, table } from "../table/index.ts";
import { wholeLabels } from "./columns.ts";

it("takes labels for classes up to a million, and larger numbers for identifiers", () => {
  const labelled = (label: number) => table({ label: numberColumn([0, label]) }, "t");
  expect([...wholeLabels(labelled(1_048_575))]).toEqual([0, 1_048_575]);
  for (const label of [1_048_576, -1, 0.5, Number.NaN]) {
    expect(() => wholeLabels(labelled(label))).toThrow(
      `t: row 1: label ${label} is no class; give integers from 0 to 1048575, or names in a column "class"`,
    );
  }
  expect([...wholeLabels(labelled(-0))]).toEqual([0, 0]);
});
