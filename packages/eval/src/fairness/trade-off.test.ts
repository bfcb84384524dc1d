import { random } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { crossMitigated, equalMeans, equalRates, unchanged } from "./mitigation.ts";
import { parityLevels, parityTradeOff, tradeOffPlot } from "./trade-off.ts";

/** Group 1's probabilities lie 0.3 above group 0's; labels follow them, evenly. */
function question(rows = 800) {
  const probabilities = Float64Array.from({ length: rows }, (_, row) => 0.1 + (0.5 * row) / rows + (row % 2) * 0.3);
  const words = random.threefryBits(1, 8, rows);
  const labels = Uint8Array.from(words, (word, row) => ((word >>> 0) / 2 ** 32 < probabilities[row]! ? 1 : 0));
  const groups = { attribute: "group", names: ["0", "1"], of: Int32Array.from(words, (_, row) => row % 2) };
  return { probabilities, labels, groups };
}

const meanOf = (values: Float64Array, group: number) => {
  const own = values.filter((_, row) => row % 2 === group);
  return own.reduce((sum, value) => sum + value, 0) / own.length;
};

describe("parityTradeOff", () => {
  const asked = question();

  it("goes from parity to what the classifier does by itself", () => {
    const levels = parityLevels(asked, 5);
    // Mean probability ½; 20 % of group 0 and 80 % of group 1 are selected.
    expect(levels[0]).toBe(0);
    expect(levels[4]).toBeCloseTo(0.6, 2);
    const curve = parityTradeOff(asked, levels, { gamma: 0.01 });
    expect(curve[0]!.parity.value).toBeLessThan(0.02);
    expect(curve[4]!.parity.value).toBeCloseTo(0.6, 1);
    for (const { level, parity, ece, accuracy } of curve) {
      expect(parity.value).toBeLessThan(level + 0.02);
      // Hard decisions claim to be sure: their error is how often they are wrong, but for the few in the band.
      expect(ece.value).toBeCloseTo(1 - accuracy.value, 1);
    }
    const { svg, name } = tradeOffPlot({ "S/16": curve, "B/16": curve }, "accuracy");
    expect(name).toBe("trade-off-accuracy");
    expect(svg).toContain("S/16");
  });

  it("moves probabilities no further than it must", () => {
    const fair = crossMitigated(asked, equalMeans(0.1));
    // Means 0.35 and 0.65 around ½ come to 0.45 and 0.55: by one number in each group, where nothing is clipped.
    expect(meanOf(fair, 0)).toBeCloseTo(0.45, 2);
    expect(meanOf(fair, 1)).toBeCloseTo(0.55, 2);
    for (const [row, p] of asked.probabilities.entries()) {
      expect(Math.abs(fair[row]! - p)).toBeCloseTo(0.1, 1);
    }
  });

  it("leaves decisions alone where the level allows it", () => {
    const [free, decided] = [crossMitigated(asked, equalRates(2, 1e-6)), crossMitigated(asked, unchanged)];
    expect(free).toEqual(decided);
  });
});
