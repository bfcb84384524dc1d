import { random } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { SteppedOrder } from "./stepped-order.ts";

describe.each(["float32", "float64"])("SteppedOrder of %s", (precision) => {
  it("has the places and cuts of sorted confidences, crowded at 1 and equal ones among them", () => {
    const words = random.threefryBits(4, 2, 3000);
    // A third lies within 2⁻³² of 1, a third is coarse.
    const shares = Array.from(words, (word, row) => {
      const share = (word >>> 0) / 2 ** 32;
      return [share, 1 - share / 2 ** 32, Math.round(16 * share) / 16][row % 3]!;
    });
    const confidence = precision === "float32" ? Float32Array.from(shares) : Float64Array.from(shares);
    const correct = Uint8Array.from(words, (word) => word & 1);
    const order = new SteppedOrder({ confidence, correct });
    const sorted = confidence.toSorted();
    for (let place = 2999; place >= 0; place -= 7) expect(order.valueAt(place)).toBe(sorted[place]);
    for (const value of [-1e-9, 0, 0.25, 0.3, confidence[4]!, 1, 1 + 1e-6]) {
      const below = Array.from(confidence.keys()).filter((row) => confidence[row]! < value);
      const rights = below.filter((row) => correct[row] === 1).length;
      expect(order.cutBelow(value)).toEqual({ rows: below.length, rights });
    }
    const [from, to] = [order.cutBelow(0.25), order.cutBelow(0.5)];
    const between = Array.from(confidence).filter((value) => value >= 0.25 && value < 0.5);
    expect(order.sum(from, to)).toBeCloseTo(
      between.reduce((sum, value) => sum + value, 0),
      8,
    );
    expect(order.end).toEqual({ rows: 3000, rights: correct.filter((right) => right === 1).length });
  });
});

it("has no places of no predictions", () => {
  const order = new SteppedOrder({ confidence: new Float32Array(), correct: new Uint8Array() });
  expect(order.end).toEqual({ rows: 0, rights: 0 });
  expect(order.cutBelow(1)).toEqual({ rows: 0, rights: 0 });
});
