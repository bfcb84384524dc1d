/**
 * How many times as long the first took as the second, round by round.
 *
 * Both were measured in the same round, so what slows the machine for a while slows both and leaves the ratio alone.
 *
 * @throws RangeError when the numbers of rounds differ.
 */
export function pairedRatios(numerators: readonly number[], denominators: readonly number[]): number[] {
  return pairs(numerators, denominators).map(([numerator, denominator]) => numerator / denominator);
}

/** Differences `first − second`, pair by pair. @throws RangeError when the numbers of values differ. */
export function pairedDifferences(first: readonly number[], second: readonly number[]): number[] {
  return pairs(first, second).map(([a, b]) => a - b);
}

function pairs(first: readonly number[], second: readonly number[]): [number, number][] {
  if (first.length !== second.length) {
    throw new RangeError(
      `${first.length} and ${second.length} measurements cannot be paired; measure both in every round`,
    );
  }
  return first.map((value, index) => [value, second[index]!]);
}
