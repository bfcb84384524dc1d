import { expect, it } from "vitest";
import { done } from "../transports/done.ts";
import { type Collective, carryOut } from "./algorithms.ts";
import { completeSync } from "./exchange.ts";
import { hopsOf, trafficOf } from "./traffic.ts";
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

it.each([
  // 16 KiB go to both others at once. One element more goes round the ring in parts of 1,365, 1,366 and 1,366: two of them to be
  // reduced, all but the own, and two that are, all but the next one's.
  { elements: 4_096, hops: 1, sent: [16_384, 16_384] },
  { elements: 4_097, hops: 4, sent: [5_464, 5_464, 5_460, 5_464] },
])("an all-reduce of $elements elements by three sends what its formula says", ({ elements, hops, sent }) => {
  const attributes = { ranks: [0, 1, 2], position: 0, over: "model", channel: 0, reduction: "sum" } as const;
  const collective: Collective = { operation: "allReduce", attributes };
  const bytes: number[] = [];
  const send: Wire["send"] = (_to, _hop, { byteLength }) => {
    bytes.push(byteLength);
    return done;
  };
  const type = { dtype: "float32", shape: [elements] } as const;
  const data = new Float32Array(elements);
  completeSync(carryOut(collective, { ...type, data }, { count: 3, position: 0, send, receive: () => done }));
  expect(bytes.toSorted()).toEqual(sent.toSorted());
  expect(trafficOf(collective, type)).toEqual({ messages: sent.length, bytes: sent.reduce((sum, n) => sum + n, 0) });
  expect(hopsOf(collective, type)).toBe(hops);
});
