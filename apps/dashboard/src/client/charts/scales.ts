import { scaleLinear, scaleLog } from "d3-scale";

/** From values to pixels and back. */
export interface Scale {
  (value: number): number;
  invert(pixel: number): number;
  readonly domain: readonly [number, number];
  readonly isLog: boolean;
  ticks(count: number): readonly number[];
}

/**
 * A scale over an extent.
 *
 * @param isLog falls back to linear where the extent has no positive part; a lower end that is not positive becomes a billionth of the upper
 */
export function scale(
  extent: readonly [number, number],
  pixels: readonly [number, number],
  isLog: boolean,
  nice = false,
): Scale {
  let [low, high] = extent;
  if (!(Number.isFinite(low) && Number.isFinite(high))) [low, high] = [0, 1];
  const usesLog = isLog && high > 0;
  if (usesLog && low <= 0) low = high * 1e-9;
  if (low === high) {
    const margin = usesLog ? 0 : Math.abs(low) * 0.05 || 0.5;
    [low, high] = usesLog ? [low / 2, high * 2] : [low - margin, high + margin];
  }
  const inner = (usesLog ? scaleLog() : scaleLinear()).domain([low, high]).range(pixels);
  if (nice && !usesLog) inner.nice(4);
  const [begin, end] = inner.domain() as [number, number];
  return Object.assign((value: number) => inner(usesLog && value <= 0 ? begin : value), {
    invert: (pixel: number) => inner.invert(pixel),
    domain: [begin, end] as const,
    isLog: usesLog,
    ticks: (count: number) => (usesLog ? logTicks(begin, end, count) : inner.ticks(count)),
  });
}

/** Powers of ten where there are enough of them, otherwise d3's choice thinned out to about `count`. */
function logTicks(low: number, high: number, count: number): number[] {
  const powers: number[] = [];
  for (let power = Math.ceil(Math.log10(low) - 1e-9); power <= Math.log10(high) + 1e-9; power++)
    powers.push(10 ** power);
  if (powers.length >= 3) return thin(powers, count);
  const all = scaleLog().domain([low, high]).ticks(count);
  const round = all.filter((tick) => /^[125]/.test(tick.toExponential()));
  return thin(round.length >= 2 ? round : all, count + 2);
}

function thin(ticks: number[], count: number): number[] {
  const every = Math.ceil(ticks.length / Math.max(1, count));
  return ticks.filter((_, index) => index % every === 0);
}

/**
 * Ticks of seconds at round minutes, hours and days, where decimal steps would fall on 16 min 40.
 *
 * @param low @param high the ends, seconds
 */
export function timeTicks(low: number, high: number, count: number): number[] {
  const steps = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
  ];
  const step = steps.find((step) => (high - low) / step <= count);
  if (high - low < 2 || step === undefined) return scaleLinear().domain([low, high]).ticks(count);
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tick);
  return ticks;
}

/** Least and greatest of what is finite (and positive, for a log scale); undefined where there is nothing. */
export function extentOf(lines: Iterable<readonly (number | null)[]>, positive = false): [number, number] | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const values of lines) {
    for (const value of values) {
      if (value === null || (positive && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : undefined;
}
