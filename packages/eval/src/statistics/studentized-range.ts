import { normalShare, rootOfRising } from "./normal.ts";

/** Steps of the integral over the largest of the variables, and where they begin and end. */
const [steps, from, to] = [600, -9, 9];

/**
 * What the range (largest minus smallest) of `groups` independent standard normal variables does not exceed with the given chance: Tukey's
 * studentized range with known variance. For 2 groups and 0.95 it is 1.96 √2.
 *
 * P(range ≤ q) = k ∫ φ(z) [Φ(z) - Φ(z - q)]^(k-1) dz, by Simpson's rule; right to 6 digits for up to a million groups.
 */
export function studentizedRange(groups: number, chance: number): number {
  const key = `${groups} ${chance}`;
  const known = found.get(key) ?? solve(groups, chance);
  found.set(key, known);
  return known;
}

/** A report asks for the same ones for every measure, and each takes some 10 ms. */
const found = new Map<string, number>();

function solve(groups: number, chance: number): number {
  const width = (to - from) / steps;
  const nodes = Array.from({ length: steps + 1 }, (_, i) => {
    const z = from + i * width;
    const weight = i === 0 || i === steps ? 1 : i % 2 === 0 ? 2 : 4;
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    return { z, share: normalShare(-z), weight: (groups * weight * width * density) / 3 };
  });
  // Between z - q and z lies 1 - P(above z) - P(below z - q); as a logarithm, lest a power of many groups loses it.
  const within = (q: number) =>
    nodes.reduce(
      (sum, { z, share, weight }) => sum + weight * Math.exp((groups - 1) * Math.log1p(-share - normalShare(z - q))),
      0,
    );
  return rootOfRising((q) => within(q) - chance, 0, 20);
}
