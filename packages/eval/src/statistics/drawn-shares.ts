import { type ResampleOptions, randomWords } from "./bootstrap.ts";

/**
 * Shares of several kinds of cases, as their counts leave them open: draws of the Dirichlet distribution with half a case more of each kind
 * (Jeffreys' prior). Drawing cases again cannot draw a kind that did not occur, and takes its share for 0. The same array is filled anew for
 * every sample, [kinds].
 *
 * A share is a gamma variable of shape n + 1/2 over the sum of all: a sum of n exponential ones, and half the square of a normal one.
 *
 * @param counts [kinds] whole numbers
 */
export function* drawnShares(
  counts: readonly number[],
  options: Omit<ResampleOptions, "strata"> = {},
): Generator<Float64Array, void> {
  const cases = counts.reduce((sum, count) => sum + count, 0);
  const shares = new Float64Array(counts.length);
  for (const words of randomWords(cases + 2 * counts.length, options)) {
    let next = 0;
    // Above 0, where the logarithm is finite.
    const uniform = () => ((words[next++]! >>> 0) + 0.5) / 2 ** 32;
    let total = 0;
    for (const [kind, count] of counts.entries()) {
      let sum = -Math.log(uniform()) * Math.cos(2 * Math.PI * uniform()) ** 2;
      for (let i = 0; i < count; i++) sum -= Math.log(uniform());
      shares[kind] = sum;
      total += sum;
    }
    for (let kind = 0; kind < shares.length; kind++) shares[kind]! /= total;
    yield shares;
  }
}
