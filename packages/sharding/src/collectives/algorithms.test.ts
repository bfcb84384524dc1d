import { expect, it } from "vitest";
import { done } from "../transports/done.ts";
import { carryOut } from "./algorithms.ts";
import { completeSync } from "./exchange.ts";
import type { Wire } from "./wire.ts";

/** Position 0 of two; what it receives is 1, 2. */
const wire: Wire = {
  count: 2,
  position: 0,
  send: () => done,
  receive(_from, _hop, into) {
    into.set([1, 2]);
    return done;
  },
};
const operand = { dtype: "float32", shape: [2], data: Float32Array.of(3, 4) } as const;
const permute = (pairs: readonly (readonly [number, number])[], into: Float32Array) =>
  completeSync(
    carryOut(
      { operation: "collectivePermute", attributes: { ranks: [0, 1], position: 0, over: "model", channel: 0, pairs } },
      operand,
      wire,
      into,
    ),
  );

it("what arrives goes into the memory that is given", () => {
  const into = Float32Array.of(7, 7);
  expect(permute([[1, 0]], into)).toBe(into);
  expect([...into]).toEqual([1, 2]);
});

it("a rank that is sent nothing has zeros, whatever was in the memory", () => {
  expect([...permute([[0, 1]], Float32Array.of(7, 7))]).toEqual([0, 0]);
});
