import { expect, it } from "vitest";
import { describe as text } from "./describe.ts";
import { flatten } from "./plan.ts";
import { adamW, gelu, softmax } from "./testing/examples.ts";

it("shows softmax in three loops, whose powers are kept from the second to the third", () => {
  expect(text(softmax(5, 37))).toBe(`5 rows × 37 columns
  in0: float32 at 37·(r mod 5) + c
phase 0
  %0 = in0: float32 by column
phase 1
  %1 = max over columns %0: float32 by row
  %2 = sub %0 %1: float32 by column
  %3 = exp %2: float32 by column (kept)
phase 2
  %4 = sum over columns %3: float32 by row
  %5 = div %3 %4: float32 by column
  out0: %5 as float32 at 37·(r mod 5) + c`);
});

it("takes elementwise programs over dense tensors as one range", () => {
  const program = gelu(1576, 1536);
  expect(text(program).split("\n")[0]).toBe("1576 rows × 1536 columns (one range)");
  expect(flatten(program)).toMatchObject({ rows: 1, columns: 1576 * 1536 });
  expect(flatten(adamW(3, 5, { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0 }))).toMatchObject({ columns: 15 });
  const reducing = softmax(3, 5);
  expect(flatten(reducing)).toBe(reducing);
});
