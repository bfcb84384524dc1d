/**
 * The quantile of numbers in ascending order, interpolated linearly between its neighbours (NumPy's default).
 *
 * @param share 0 is the smallest number, 1 the largest
 * @returns NaN of no numbers
 */
export function quantile(ascending: ArrayLike<number>, share: number): number {
  const { length } = ascending;
  if (length === 0) return Number.NaN;
  const position = share * (length - 1);
  const below = Math.floor(position);
  const [low, high] = [ascending[below]!, ascending[Math.min(below + 1, length - 1)]!];
  return low + (high - low) * (position - below);
}
