/**
 * Share of a standard normal distribution at or below z, right to 1e-13 of itself in the lower tail: by the Maclaurin series near 0, by the
 * continued fraction of erfc beyond (Abramowitz & Stegun 26.2.10 and 26.2.14).
 */
export function normalShare(z: number): number {
  if (z > 0) return 1 - normalShare(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z > -2.5) {
    let [term, sum] = [z, z];
    for (let n = 1; Math.abs(term) > 1e-17; n++) {
      term *= -(z * z) / (2 * n);
      sum += term / (2 * n + 1);
    }
    return 0.5 + sum / Math.sqrt(2 * Math.PI);
  }
  let fraction = 0;
  for (let n = 80; n >= 1; n--) fraction = n / (fraction - z);
  return density / (fraction - z);
}

/** The z at or below which the given share of a standard normal distribution lies. */
export function normalQuantileOf(share: number): number {
  return rootOfRising((z) => normalShare(z) - share, -40, 9);
}

/** Where a rising function crosses 0 between two numbers, by bisection to the last digits. */
export function rootOfRising(f: (x: number) => number, low: number, high: number): number {
  let [below, above] = [low, high];
  while (above - below > 1e-12 * Math.max(1, Math.abs(above))) {
    const middle = (below + above) / 2;
    if (f(middle) < 0) below = middle;
    else above = middle;
  }
  return (below + above) / 2;
}
