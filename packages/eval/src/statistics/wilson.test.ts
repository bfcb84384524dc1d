import { describe, expect, it } from "vitest";
import { wilsonInterval } from "./wilson.ts";

describe("wilsonInterval", () => {
  it("agrees with a count by hand for 15 of 50", () => {
    // z²/n = 0.076829: centre (0.3 + 0.038415) / 1.076829 = 0.31427, half-width 1.82012·√(0.0042 + 0.00038415) = 0.12323.
    const { low, high } = wilsonInterval(15, 50);
    expect(low).toBeCloseTo(0.191, 3);
    expect(high).toBeCloseTo(0.438, 3);
  });

  it("stays within 0 and 1 at the ends", () => {
    for (let trials = 1; trials <= 200; trials++) {
      expect(wilsonInterval(0, trials).low).toBe(0);
      expect(wilsonInterval(trials, trials).high).toBe(1);
    }
  });
});
