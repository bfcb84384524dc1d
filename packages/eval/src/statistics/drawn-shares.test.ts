import { describe, expect, it } from "vitest";
import { drawnShares } from "./drawn-shares.ts";
import { mean } from "./mean.ts";

describe("drawnShares", () => {
  it("has the moments of the Dirichlet distribution with half a case more of each kind", () => {
    const counts = [7, 0, 2, 0];
    const draws = Array.from(drawnShares(counts, { replicates: 4000 }), (shares) => [...shares]);
    for (const [kind, count] of counts.entries()) {
      const own = draws.map((shares) => shares[kind]!);
      // α = n + ½ of Σα = 11: mean α/11, variance α (11 - α) / (11² · 12).
      const alpha = count + 0.5;
      const variance = (alpha * (11 - alpha)) / (121 * 12);
      expect(Math.abs(mean(own) - alpha / 11)).toBeLessThan(4 * Math.sqrt(variance / 4000));
      expect(mean(own.map((share) => (share - alpha / 11) ** 2)) / variance).toBeCloseTo(1, 0);
    }
    for (const shares of draws) expect(mean(shares)).toBeCloseTo(0.25, 12);
  });
});
