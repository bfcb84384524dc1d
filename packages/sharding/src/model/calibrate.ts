import type { Device, Link } from "./predict.ts";

/** What something of a size took. */
export interface Sample {
  /** FLOPs of a product, bytes of all else. */
  readonly size: number;
  readonly seconds: number;
}

/** Measurements of a machine (`timeMachine`), as ranks that work at the same time see it. */
export interface MachineSamples {
  /** Matrix products. */
  readonly products: readonly Sample[];
  /** Sums of two tensors; bytes that are read and written. */
  readonly sums: readonly Sample[];
  /** Messages to a neighbour. */
  readonly messages: readonly Sample[];
}

/** A time that grows with a size: seconds = fixed + size/rate. */
export interface Line {
  readonly fixed: number;
  /** Size a second. */
  readonly rate: number;
}

/**
 * The line through samples whose relative errors have the least squares, so that small sizes count as much as large ones. Where the best
 * line falls, or starts below zero, it is the best line through the origin.
 *
 * @throws RangeError when there are no samples
 */
export function fitLine(samples: readonly Sample[]): Line {
  if (samples.length === 0) throw new RangeError("a line was asked for through no samples; measure at least one");
  // Minimise Σ ((fixed + slope·size)/seconds − 1)², which is linear in fixed and slope.
  const sum = (term: (sample: Sample) => number) => samples.reduce((total, sample) => total + term(sample), 0);
  const [u, v] = [({ seconds }: Sample) => 1 / seconds, ({ size, seconds }: Sample) => size / seconds];
  const [uu, uv, vv] = [sum((s) => u(s) ** 2), sum((s) => u(s) * v(s)), sum((s) => v(s) ** 2)];
  const determinant = uu * vv - uv ** 2;
  // One size alone says nothing of the fixed part.
  const fixed = determinant > 1e-12 * uu * vv ? (sum(u) * vv - sum(v) * uv) / determinant : 0;
  const slope = (sum(v) - fixed * uv) / vv;
  return fixed > 0 && slope > 0 ? { fixed, rate: 1 / slope } : { fixed: 0, rate: vv / sum(v) };
}

/** The device and the link that samples show. */
export function calibrate({ products, sums, messages }: MachineSamples): { device: Device; link: Link } {
  const product = fitLine(products);
  const message = fitLine(messages);
  return {
    device: { productFlops: product.rate, bytesPerSecond: fitLine(sums).rate, overhead: product.fixed },
    link: { bytesPerSecond: message.rate, latency: message.fixed },
  };
}
