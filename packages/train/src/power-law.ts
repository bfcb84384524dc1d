/** A power law that saturates at both ends. */
export interface PowerLaw {
  readonly a: number;
  readonly b: number;
  /** What no amount of compute takes away. */
  readonly c: number;
  /** Compute that a model without training is worth. */
  readonly d: number;
  /** Sum of squared differences of the logarithms of errors. */
  readonly residual: number;
}

/** A measured error at some compute; both positive. */
export interface ErrorAtCompute {
  readonly compute: number;
  readonly error: number;
}

/** The error that a law predicts. */
export function predictError({ a, b, c, d }: Omit<PowerLaw, "residual">, compute: number): number {
  return a * (compute + d) ** -b + c;
}

/**
 * Fits E(C) = a·(C + d)^−b + c, the law of Zhai et al. (2022, §2.2), to measured errors: a, b, d > 0 and c ≥ 0, by least squares of log E.
 *
 * The law is searched over b and d on a grid of their logarithms that is refined around its best point; a and c follow from b and d by
 * least squares weighted as log E is. Four points are fitted by any law, so there must be five.
 *
 * @param isPure fits d = c = 0, the law without saturation, to compare with
 * @throws RangeError for fewer points than that, or values that are not positive.
 */
export function fitPowerLaw(points: readonly ErrorAtCompute[], { isPure = false } = {}): PowerLaw {
  const least = isPure ? 3 : 5;
  if (points.length < least || points.some(({ compute, error }) => !(compute > 0) || !(error > 0))) {
    throw new RangeError(
      `a power law is fitted to ${least} points or more, of positive compute and error; ${points.length} were given`,
    );
  }
  if (isPure) return fitPure(points);
  const smallest = Math.min(...points.map(({ compute }) => compute));
  const largest = Math.max(...points.map(({ compute }) => compute));
  let best: PowerLaw = { ...fitPure(points) };
  let logB = { middle: Math.log(0.3), reach: Math.log(20) };
  let logD = { middle: Math.log(Math.sqrt(smallest * largest)) - 4, reach: Math.log(largest / smallest) / 2 + 6 };
  const steps = 24;
  for (let round = 0; round < 24; round++) {
    let [nearB, nearD] = [logB.middle, logD.middle];
    for (let i = -steps; i <= steps; i++) {
      for (let j = -steps; j <= steps; j++) {
        const [x, y] = [logB.middle + (i / steps) * logB.reach, logD.middle + (j / steps) * logD.reach];
        const candidate = withExponent(points, Math.exp(x), Math.exp(y));
        if (candidate.residual < best.residual) [best, nearB, nearD] = [candidate, x, y];
      }
    }
    logB = { middle: nearB, reach: logB.reach / 2 };
    logD = { middle: nearD, reach: logD.reach / 2 };
  }
  return best;
}

/** The law with these b and d: a and c by least squares of relative differences, c not below 0. */
function withExponent(points: readonly ErrorAtCompute[], b: number, d: number): PowerLaw {
  let [xx, xw, ww, x1, w1] = [0, 0, 0, 0, 0];
  for (const { compute, error } of points) {
    const x = (compute + d) ** -b / error;
    const w = 1 / error;
    xx += x * x;
    xw += x * w;
    ww += w * w;
    x1 += x;
    w1 += w;
  }
  const determinant = xx * ww - xw * xw;
  const c = (xx * w1 - xw * x1) / determinant;
  const law = c > 0 ? { a: (ww * x1 - xw * w1) / determinant, b, c, d } : { a: x1 / xx, b, c: 0, d };
  return { ...law, residual: law.a > 0 ? residualOf(points, law) : Infinity };
}

/** log E = log a − b·log C, by linear regression. */
function fitPure(points: readonly ErrorAtCompute[]): PowerLaw {
  const logs = points.map(({ compute, error }) => [Math.log(compute), Math.log(error)] as const);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(logs.map(([first]) => first)), mean(logs.map(([, second]) => second))];
  const slope =
    mean(logs.map(([first, second]) => (first - x) * (second - y))) / mean(logs.map(([first]) => (first - x) ** 2));
  const law = { a: Math.exp(y - slope * x), b: -slope, c: 0, d: 0 };
  return { ...law, residual: residualOf(points, law) };
}

function residualOf(points: readonly ErrorAtCompute[], law: Omit<PowerLaw, "residual">): number {
  return points.reduce((sum, { compute, error }) => sum + Math.log(predictError(law, compute) / error) ** 2, 0);
}
