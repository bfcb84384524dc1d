import type { Device, Link } from "./predict.ts";

/** What something of a size took. */
export interface Sample {
  /** FLOPs of a product, bytes of all else. */
  readonly size: number;
  readonly seconds: number;
}

/** Measurements of a machine (`timeMachine`), as ranks that work at the same time see it. What is not given takes no time. */
export interface MachineSamples {
  /** Matrix products. */
  readonly products: readonly Sample[];
  /** Sums of two tensors; bytes that are read and written. */
  readonly sums: readonly Sample[];
  /** Messages to a neighbour. */
  readonly messages: readonly Sample[];
  /** Messages to both neighbours at once; bytes to each. Needs three ranks. */
  readonly bothWays?: readonly Sample[];
  /** Gathers; bytes that are put together, and seconds beyond the messages. */
  readonly gathers?: readonly Sample[];
  /** Sums over ranks; bytes of the operand, and seconds beyond the messages. */
  readonly reductions?: readonly Sample[];
  /** Products beside a message that ends before them; bytes of the message, and seconds beyond those of the product alone. */
  readonly disturbances?: readonly Sample[];
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

/** Size a second of all samples together; infinite where there are none, or they took no time. */
function rateOf(samples: readonly Sample[] = []): number {
  const [size, seconds] = samples.reduce(([size, seconds], each) => [size + each.size, seconds + each.seconds], [0, 0]);
  return seconds > 0 ? size / seconds : Infinity;
}

/** The least seconds for each of the size in any sample; 0 where there are none. What else goes on only ever adds to a difference of two times. */
function leastPerSize(samples: readonly Sample[] = []): number {
  return samples.length === 0 ? 0 : Math.min(...samples.map(({ size, seconds }) => seconds / size));
}

/** Messages both ways take as long as one where each has a link of its own, and twice as long where they share one. */
const sharedFrom = 1.5;

/** The device and the link that samples show. */
export function calibrate(samples: MachineSamples): { device: Device; link: Link } {
  const product = fitLine(samples.products);
  const message = fitLine(samples.messages);
  const oneWay = ({ size }: Sample) => message.fixed + size / message.rate;
  return {
    device: {
      productFlops: product.rate,
      bytesPerSecond: fitLine(samples.sums).rate,
      overhead: product.fixed,
      gatheredBytesPerSecond: rateOf(samples.gathers),
      reducedBytesPerSecond: rateOf(samples.reductions),
    },
    link: {
      bytesPerSecond: message.rate,
      latency: message.fixed,
      isShared: (samples.bothWays ?? []).some((both) => both.seconds > sharedFrom * oneWay(both)),
      computingPerByte: leastPerSize(samples.disturbances),
    },
  };
}
